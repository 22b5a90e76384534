package io.temponest.conformance;

import com.openai.client.OpenAIClient;
import com.openai.client.OpenAIClientImpl;
import com.openai.client.okhttp.OkHttpClient;
import com.openai.core.ClientOptions;
import com.openai.errors.OpenAIException;
import com.openai.errors.OpenAIServiceException;
import com.openai.errors.SseException;
import io.temponest.conformance.Seen.Thrown;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * OpenAI's SDK for Java, in one of its APIs.
 *
 * @param api what it is used for
 */
record OpenAiJava(String name, String title, Set<Verb> verbs, Manner manner, Api api) implements Sdk {

    /** Does it; what came of a stream goes to the hearing. */
    interface Api {
        String perform(OpenAIClient client, Ask ask, Hearing hearing);
    }

    @Override
    public String version() {
        return "com.openai:openai-java " + Versions.java(OpenAIClient.class);
    }

    @Override
    public Seen perform(Ask ask) {
        AtomicInteger requests = new AtomicInteger();
        Hearing hearing = new Hearing(ask);
        ClientOptions options = ClientOptions.builder()
                .httpClient(OkHttpClient.builder()
                        .addInterceptor(chain -> {
                            requests.incrementAndGet();
                            return chain.proceed(chain.request());
                        })
                        .build())
                .baseUrl(ask.base() + "/v1")
                .apiKey(ask.key())
                .build();
        OpenAIClient client = new OpenAIClientImpl(options);
        try {
            String text = api.perform(client, ask, hearing);
            return new Seen(text.isEmpty() ? hearing.text() : text, requests.get(), hearing.failed());
        } catch (OpenAIException e) {
            return new Seen(hearing.text(), requests.get(), Optional.of(told(e)));
        } finally {
            client.close();
        }
    }

    /** A failure in a stream has the stream's status, which was 200. */
    private static Thrown told(OpenAIException e) {
        String type = e.getClass().getSimpleName();
        String message = String.valueOf(e.getMessage());
        if (!(e instanceof OpenAIServiceException known)) {
            return new Thrown(type, 0, "", message);
        }
        return new Thrown(
                type,
                e instanceof SseException ? 0 : known.statusCode(),
                known.code().orElse(""),
                message);
    }
}
