package io.temponest.conformance;

import com.fasterxml.jackson.annotation.JsonClassDescription;
import com.fasterxml.jackson.annotation.JsonTypeName;
import com.openai.client.OpenAIClient;
import com.openai.core.http.StreamResponse;
import com.openai.helpers.ChatCompletionAccumulator;
import com.openai.models.chat.completions.ChatCompletion;
import com.openai.models.chat.completions.ChatCompletionChunk;
import com.openai.models.chat.completions.ChatCompletionCreateParams;
import com.openai.models.chat.completions.ChatCompletionMessage;
import com.openai.models.chat.completions.ChatCompletionMessageFunctionToolCall;
import com.openai.models.chat.completions.ChatCompletionToolMessageParam;
import com.openai.models.embeddings.EmbeddingCreateParams;
import com.openai.models.embeddings.EmbeddingCreateParams.EncodingFormat;
import com.openai.models.models.Model;
import com.openai.models.responses.ResponseCreateParams;
import com.openai.models.responses.ResponseError;
import com.openai.models.responses.ResponseStreamEvent;
import io.temponest.conformance.Seen.Thrown;
import io.temponest.json.Json;
import java.util.Iterator;
import java.util.stream.Collectors;

/** Chat completions and responses by OpenAI's SDK for Java. */
final class OpenAiJavaApis {

    private OpenAiJavaApis() {}

    @JsonTypeName("add")
    @JsonClassDescription("Adds two numbers.")
    record Add(int a, int b) {}

    record Place(String city, int people) {}

    static String chat(OpenAIClient client, Ask ask, Hearing hearing) {
        return switch (ask.verb()) {
            case TEXT -> content(client.chat().completions().create(params(ask).build()));
            case STREAM, HANG_UP -> chatStream(client, ask, hearing);
            case TOOL -> tool(client, ask);
            case TOOL_STREAM -> toolStream(client, ask);
            case OBJECT ->
                client.chat()
                        .completions()
                        .create(params(ask).responseFormat(Place.class).build())
                        .choices()
                        .getFirst()
                        .message()
                        .content()
                        .map(Json::text)
                        .orElse("");
            case VECTORS -> vectors(client, embedding(ask).build());
            case VECTORS_AS_NUMBERS ->
                vectors(
                        client,
                        embedding(ask).encodingFormat(EncodingFormat.FLOAT).build());
            case MODELS ->
                client.models().list().autoPager().stream().map(Model::id).collect(Collectors.joining(" "));
            case BETA -> throw new UnsupportedOperationException();
        };
    }

    private static ChatCompletionCreateParams.Builder params(Ask ask) {
        return ChatCompletionCreateParams.builder().model(ask.model()).addUserMessage(ask.text());
    }

    private static String content(ChatCompletion completion) {
        return completion.choices().getFirst().message().content().orElse("");
    }

    private static String chatStream(OpenAIClient client, Ask ask, Hearing hearing) {
        try (StreamResponse<ChatCompletionChunk> stream =
                client.chat().completions().createStreaming(params(ask).build())) {
            Iterator<ChatCompletionChunk> chunks = stream.stream().iterator();
            while (goesOn(ask, hearing) && chunks.hasNext()) {
                chunks.next()
                        .choices()
                        .forEach(choice -> choice.delta().content().ifPresent(hearing::heard));
            }
        }
        return "";
    }

    private static boolean goesOn(Ask ask, Hearing hearing) {
        return ask.verb() != Verb.HANG_UP || hearing.text().isEmpty();
    }

    private static String tool(OpenAIClient client, Ask ask) {
        ChatCompletionCreateParams.Builder turns = params(ask).addTool(Add.class);
        ChatCompletionMessage message = client.chat()
                .completions()
                .create(turns.build())
                .choices()
                .getFirst()
                .message();
        ChatCompletionMessageFunctionToolCall call =
                message.toolCalls().orElseThrow().getFirst().asFunction();
        Add add = call.function().arguments(Add.class);
        turns.addMessage(message)
                .addMessage(ChatCompletionToolMessageParam.builder()
                        .toolCallId(call.id())
                        .content(Integer.toString(add.a() + add.b()))
                        .build());
        return content(client.chat().completions().create(turns.build()));
    }

    private static String toolStream(OpenAIClient client, Ask ask) {
        ChatCompletionAccumulator all = ChatCompletionAccumulator.create();
        try (StreamResponse<ChatCompletionChunk> stream = client.chat()
                .completions()
                .createStreaming(params(ask).addTool(Add.class).build())) {
            stream.stream().forEach(all::accumulate);
        }
        var function = all.chatCompletion()
                .choices()
                .getFirst()
                .message()
                .toolCalls()
                .orElseThrow()
                .getFirst()
                .asFunction()
                .function();
        return function.name() + " " + function.arguments();
    }

    private static EmbeddingCreateParams.Builder embedding(Ask ask) {
        return EmbeddingCreateParams.builder().model(ask.model()).inputOfArrayOfStrings(Sdk.TEXTS);
    }

    private static String vectors(OpenAIClient client, EmbeddingCreateParams params) {
        return GoodCases.written(client.embeddings().create(params).data().stream()
                .map(row -> row.embedding())
                .toList());
    }

    static String responses(OpenAIClient client, Ask ask, Hearing hearing) {
        ResponseCreateParams params = ResponseCreateParams.builder()
                .model(ask.model())
                .input(ask.text())
                .build();
        if (ask.verb() == Verb.TEXT) {
            return client.responses().create(params).output().stream()
                    .flatMap(item -> item.message().stream())
                    .flatMap(message -> message.content().stream())
                    .flatMap(content -> content.outputText().stream())
                    .map(text -> text.text())
                    .collect(Collectors.joining());
        }
        try (StreamResponse<ResponseStreamEvent> stream = client.responses().createStreaming(params)) {
            Iterator<ResponseStreamEvent> events = stream.stream().iterator();
            while (goesOn(ask, hearing) && events.hasNext()) {
                ResponseStreamEvent event = events.next();
                event.outputTextDelta().ifPresent(delta -> hearing.heard(delta.delta()));
                event.failed()
                        .flatMap(failed -> failed.response().error())
                        .ifPresent(error -> hearing.failed(told(error)));
            }
        }
        return "";
    }

    /** As with OpenAI itself it is an event of the stream; the SDK does not throw. */
    private static Thrown told(ResponseError error) {
        return new Thrown("response.failed", 0, error.code().asString(), error.message());
    }
}
