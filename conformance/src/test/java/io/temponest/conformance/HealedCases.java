package io.temponest.conformance;

import static io.temponest.conformance.Expected.answer;
import static io.temponest.conformance.Script.ANTHROPIC;
import static io.temponest.conformance.Script.OPENAI;
import static io.temponest.conformance.Script.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.FakeProvider.Act;
import java.time.Duration;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Faults that TempoNest hides: the SDK sees an answer, and sends one request. */
final class HealedCases {

    /** Longer than TempoNest waits when a provider does not say how long. */
    private static final Duration UNDERSTOOD = Duration.ofMillis(1_400);

    private static final int SLOW_MS = 2_000;

    private HealedCases() {}

    static List<Case> of(Voice voice) {
        return List.of(
                text("reset before the answer", voice, new Act.Reset()),
                text("answer torn in the middle", voice, new Act.Half(voice.whole(TEXT)), new Act.Reset()),
                text("500", voice, voice.refusal(500, "api_error", "out of order", Map.of())),
                stream("reset before the stream", voice, new Act.Reset()),
                stream("reset before the first token", voice, new Act.Raw(voice.opening()), new Act.Reset()),
                stream("cut off before the first token", voice, new Act.Raw(voice.opening()), new Act.Close()),
                Case.of("slow first token", Verb.STREAM, voice)
                        .arranged(trial -> trial.will(slow(voice)))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("characters split over chunks", Verb.STREAM, voice)
                        .arranged(trial -> trial.will(new Act.Split(Script.frames(voice)), new Act.Close()))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("chunks of one byte", Verb.STREAM, voice)
                        .arranged(trial -> trial.will(new Act.Trickle(Script.frames(voice)), new Act.Close()))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("reset right after the end", Verb.STREAM, voice)
                        .arranged(trial -> trial.will(new Act.Raw(Script.frames(voice)), new Act.Reset()))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                limited("429, Retry-After in seconds", voice, () -> Map.of("Retry-After", "2")),
                voice.equals(OPENAI)
                        ? limited("429, x-ratelimit-reset-*", OPENAI, () -> Map.of("x-ratelimit-reset-tokens", "1.5s"))
                        : limited(
                                "429, anthropic-ratelimit-*-reset",
                                ANTHROPIC,
                                () -> Map.of(
                                        "anthropic-ratelimit-requests-remaining",
                                        "0",
                                        "anthropic-ratelimit-requests-reset",
                                        in(4).toString())));
    }

    static List<Case> ofOpenAi() {
        return List.of(
                limited(
                        "429, Retry-After as a date",
                        OPENAI,
                        () -> Map.of(
                                "Retry-After",
                                DateTimeFormatter.RFC_1123_DATE_TIME.format(in(5).atOffset(ZoneOffset.UTC)))),
                limited("429, retry-after-ms", OPENAI, () -> Map.of("retry-after-ms", "1500")),
                limited("429, words of Azure", Stage.AZURE, Map::of),
                Case.of("429, insufficient_quota of one key", Verb.STREAM, OPENAI)
                        .wanting(wanted -> wanted.of(trial -> Stage.twoKeys(trial.sdk()) + "/" + trial.id()))
                        .arranged(trial -> {
                            trial.will(OPENAI.refusal(429, "insufficient_quota", "no money", Map.of()));
                            trial.will(Script.stream(OPENAI));
                        })
                        .expected(sdk -> answer(TEXT, 1, 2))
                        .also(trial -> assertThat(trial.asked().stream()
                                        .map(asked -> asked.headers().get("authorization")))
                                .containsExactlyInAnyOrder("Bearer sk-one", "Bearer sk-two")),
                Case.of("another model for one that is down", Verb.STREAM, OPENAI)
                        .wanting(wanted -> wanted.of(trial -> Stage.alias(trial.sdk())))
                        .arranged(trial -> {
                            trial.down().will(OPENAI.refusal(500, "server_error", "out of order", Map.of()));
                            trial.down().will(new Act.Reset());
                            trial.up().will(Script.stream(OPENAI));
                        })
                        .expected(sdk -> answer(TEXT, 1, 3)),
                Case.of("a stream without [DONE] after its finish reason", Verb.STREAM, OPENAI)
                        .arranged(trial -> trial.will(
                                new Act.Raw(OPENAI.opening()),
                                new Act.Raw(OPENAI.piece(TEXT)),
                                new Act.Raw(OPENAI.finish("stop")),
                                new Act.Close()))
                        .expected(sdk -> answer(TEXT, 1, 1)));
    }

    private static Instant in(int seconds) {
        return Instant.now().plusSeconds(seconds).truncatedTo(ChronoUnit.SECONDS);
    }

    private static Case text(String name, Voice voice, Act... fault) {
        return Case.of(name, Verb.TEXT, voice)
                .arranged(trial -> {
                    trial.will(fault);
                    trial.will(Script.whole(voice));
                })
                .expected(sdk -> answer(TEXT, 1, 2));
    }

    private static Case stream(String name, Voice voice, Act... fault) {
        return Case.of(name, Verb.STREAM, voice)
                .arranged(trial -> {
                    trial.will(fault);
                    trial.will(Script.stream(voice));
                })
                .expected(sdk -> answer(TEXT, 1, 2));
    }

    /** The provider is asked again, and not before the time that it said. */
    private static Case limited(String name, Voice voice, Supplier<Map<String, String>> headers) {
        String words = voice.equals(Stage.AZURE) ? "Please retry after 2 seconds." : "Too many requests.";
        return Case.of(name, Verb.STREAM, voice)
                .arranged(trial -> {
                    trial.will(voice.refusal(429, "rate_limit_exceeded", words, headers.get()));
                    trial.will(Script.stream(voice));
                })
                .expected(sdk -> answer(TEXT, 1, 2))
                .also(trial -> assertThat(
                                Duration.ofNanos(trial.asked().getLast().nanos()
                                        - trial.asked().getFirst().nanos()))
                        .isGreaterThan(UNDERSTOOD));
    }

    private static Act[] slow(Voice voice) {
        CompletableFuture<Void> late =
                new CompletableFuture<Void>().completeOnTimeout(null, SLOW_MS, TimeUnit.MILLISECONDS);
        Act[] stream = Script.stream(voice);
        Act[] slow = new Act[stream.length + 1];
        slow[0] = stream[0];
        slow[1] = new Act.Hold(late);
        System.arraycopy(stream, 1, slow, 2, stream.length - 1);
        return slow;
    }
}
