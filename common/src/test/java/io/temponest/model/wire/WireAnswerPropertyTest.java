package io.temponest.model.wire;

import static io.temponest.model.wire.Form.ANTHROPIC_MESSAGES;
import static io.temponest.model.wire.Form.OLLAMA_CHAT;
import static io.temponest.model.wire.Form.OPENAI_CHAT;
import static io.temponest.model.wire.Form.OPENAI_RESPONSES;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.Tokens;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Assume;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;

/** Whatever a provider says, in whatever pieces, a client of another form hears. */
class WireAnswerPropertyTest {

    private static final Answering CONTEXT = Answering.of("abc", 1_700_000_000, "shown/model", "req_1", true);

    @Provide
    Arbitrary<Said> answers() {
        Arbitrary<String> text = Arbitraries.strings()
                .withChars("ab \"\\\n\t{}[]:,é€")
                .ofMaxLength(30)
                .map(some -> some.replace("a", "😀"));
        Arbitrary<Said.Call> call = Combinators.combine(
                        Arbitraries.integers().between(0, 999_999), text, Arbitraries.of("find", "get_weather"))
                .as((id, value, name) ->
                        new Said.Call("call_" + id, name, value.isEmpty() ? "{}" : Json.text(Map.of("value", value))));
        Arbitrary<Tokens> tokens = Combinators.combine(
                        Arbitraries.longs().between(0, 1_000),
                        Arbitraries.longs().between(0, 100_000),
                        Arbitraries.longs().between(0, 100_000))
                .as((cached, fresh, output) -> new Tokens(cached + fresh, cached, 0, output, 0));
        return Combinators.combine(
                        text,
                        text,
                        call.list().ofMaxSize(3).uniqueElements(Said.Call::id),
                        Arbitraries.of("stop", "length", "content_filter"),
                        tokens)
                .as((thinking, words, calls, reason, used) -> new Said(
                        thinking,
                        words,
                        calls,
                        reason.equals("stop") && !calls.isEmpty() ? "tool_calls" : reason,
                        Optional.of(used)));
    }

    @Provide
    Arbitrary<Form> providers() {
        return Arbitraries.of(OPENAI_CHAT, ANTHROPIC_MESSAGES, OLLAMA_CHAT);
    }

    @Provide
    Arbitrary<Form> clients() {
        return Arbitraries.of(OPENAI_CHAT, OPENAI_RESPONSES, ANTHROPIC_MESSAGES);
    }

    /** What can be heard of it: Ollama tells of no filter and no cache. */
    private static Said audible(Said said, Form provider) {
        if (provider != OLLAMA_CHAT) {
            return said;
        }
        Tokens told = said.tokens().orElseThrow();
        String stop = said.calls().isEmpty() ? "stop" : "tool_calls";
        return said.withReason(said.reason().equals("length") ? "length" : stop)
                .withTokens(new Tokens(told.input(), 0, 0, told.output(), 0));
    }

    @Property
    void aWholeAnswerSaysTheSame(
            @ForAll("answers") Said said, @ForAll("providers") Form provider, @ForAll("clients") Form client) {
        byte[] answer = Wire.answer(provider, client, Providers.whole(provider, said), CONTEXT);

        assertThat(Clients.whole(client, answer)).isEqualTo(audible(said, provider));
    }

    @Property
    void aStreamSaysTheSameHoweverItIsCut(
            @ForAll("answers") Said said,
            @ForAll("providers") Form provider,
            @ForAll("clients") Form client,
            @ForAll long seed) {
        StreamTranslation stream = Wire.stream(provider, client, CONTEXT);
        List<String> frames = new ArrayList<>();
        List<String> events = Providers.stream(provider, said, seed);
        for (String data : events) {
            frames.addAll(stream.feed(type(provider, data), data));
        }
        assertThat(stream.isOver()).isTrue();
        assertThat(stream.end()).isEmpty();

        if (provider == client) {
            assertThat(frames).hasSameSizeAs(events).allMatch(frame -> frame.endsWith("\n\n"));
        } else {
            assertThat(Clients.stream(client, frames)).isEqualTo(audible(said, provider));
        }
    }

    private static String type(Form provider, String data) {
        return provider == ANTHROPIC_MESSAGES ? Json.tree(data).get("type").textValue() : "message";
    }

    @Property
    void aStreamThatBreaksOffIsAFailureOfTheClientsForm(
            @ForAll("answers") Said said, @ForAll("clients") Form client, @ForAll long seed) {
        List<String> events = Providers.stream(OLLAMA_CHAT, said, seed);
        StreamTranslation stream = Wire.stream(OLLAMA_CHAT, client, CONTEXT);
        List<String> frames = new ArrayList<>();
        events.subList(0, events.size() - 1).forEach(line -> frames.addAll(stream.feed("", line)));

        frames.addAll(stream.end());

        assertThat(frames.getLast())
                .startsWith(
                        switch (client) {
                            case OPENAI_CHAT -> "data: {\"error\":{\"message\":\"The provider broke its answer off.\"";
                            case OPENAI_RESPONSES -> "event: response.failed\ndata: {\"type\":\"response.failed\"";
                            default -> "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"api_error\"";
                        });
        assertThat(frames).doesNotContain("data: [DONE]\n\n");
    }

    @Property
    void whatIsNoJsonEndsAStreamWithAFailure(
            @ForAll("providers") Form provider, @ForAll("clients") Form client, @ForAll String data) {
        StreamTranslation stream = Wire.stream(provider, client, CONTEXT);
        Assume.that(provider != client && !data.isBlank());

        List<String> frames = stream.feed("", "?" + data);

        assertThat(stream.isOver()).isTrue();
        assertThat(Json.text(Clients.data(frames.getLast()))).contains("The provider's answer cannot be understood.");
    }

    @Property
    void theMeterReadsWhatTheStreamUsed(
            @ForAll("answers") Said said, @ForAll("providers") Form provider, @ForAll long seed) {
        UsageMeter streamed = new UsageMeter(provider);
        Providers.stream(provider, said, seed).forEach(streamed::event);
        UsageMeter whole = new UsageMeter(provider);
        whole.whole(Providers.whole(provider, said));

        assertThat(streamed.tokens()).isEqualTo(audible(said, provider).tokens());
        assertThat(whole.tokens()).isEqualTo(streamed.tokens());
        assertThat(whole.finishReason()).isEqualTo(streamed.finishReason()).isPresent();
        assertThat(streamed.outputCharacters())
                .isGreaterThanOrEqualTo(said.text().length() + said.thinking().length());
    }
}
