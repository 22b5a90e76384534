package io.temponest.conformance;

import static io.temponest.conformance.Expected.answer;
import static io.temponest.conformance.Expected.broken;
import static io.temponest.conformance.Expected.failure;
import static io.temponest.conformance.Script.FIRST;
import static io.temponest.conformance.Script.OPENAI;

import io.temponest.testing.FakeProvider.Act;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** Failures that TempoNest can only tell: the SDK fails, in its own way and with TempoNest's words. */
final class ToldCases {

    private static final int CALLS_UNTIL_BREAKER_OPENS = 5;
    private static final int CALLS_OF_ONE_REQUEST = 3;

    /** More than a request's body may have. */
    private static final int ELEVEN_MEBIBYTES = (11 << 20) / 16;

    private ToldCases() {}

    static List<Case> of(Voice voice) {
        return List.of(
                inStream("reset after the first token", voice, Failure.BROKEN, new Act.Reset()),
                inStream("cut off after the first token", voice, Failure.ENDED_EARLY, new Act.Close()),
                inStream(
                        "failure that the provider tells in its stream",
                        voice,
                        Failure.FAILED_IN_STREAM,
                        new Act.Raw(voice.failure("The provider is on fire.")),
                        new Act.Close()),
                Case.of("the client hangs up", Verb.HANG_UP, voice)
                        .arranged(trial -> trial.will(Script.begun(trial, new Act.Hold(new CompletableFuture<>()))))
                        .expected(sdk -> answer(FIRST, 1, 1))
                        .also(trial -> {
                            trial.asked().getFirst().whenGone();
                            trial.stage().awaitLedger(voice.provider(), trial.id(), "cancelled");
                        }));
    }

    private static Case inStream(String name, Voice voice, Failure failure, Act... end) {
        return Case.of(name, Verb.STREAM, voice)
                .arranged(trial -> trial.will(Script.begun(trial, end)))
                .expected(sdk -> broken(FIRST, failure));
    }

    static List<Case> ofOpenAi() {
        return List.of(
                Case.of("500 each time", Verb.TEXT, OPENAI)
                        .arranged(trial -> {
                            for (int i = 0; i < CALLS_UNTIL_BREAKER_OPENS; i++) {
                                trial.will(OPENAI.refusal(500, "server_error", "out of order", Map.of()));
                            }
                        })
                        .expected(sdk -> sdk.manner().asksAgain(Failure.DOWN)
                                ? failure(sdk, Failure.RESTING, CALLS_UNTIL_BREAKER_OPENS)
                                : failure(sdk, Failure.DOWN, CALLS_OF_ONE_REQUEST)),
                withOneKey("429, Retry-After of 90 s", 429, "rate_limit_exceeded", Failure.LIMITED),
                withOneKey("429, insufficient_quota of the only key", 429, "insufficient_quota", Failure.NO_MONEY),
                Case.of("400", Verb.TEXT, OPENAI)
                        .arranged(trial -> trial.will(OPENAI.refusal(400, "bad", Failure.REFUSED.words(), Map.of())))
                        .expected(sdk -> failure(sdk, Failure.REFUSED, 1)),
                withOneKey("401 of the provider", 401, "invalid_api_key", Failure.NO_CREDENTIALS),
                Case.of("an unknown model", Verb.TEXT, "nobody/knows")
                        .expected(sdk -> failure(sdk, Failure.NO_MODEL, 0)),
                Case.of("a wrong API key", Verb.TEXT, "chat/parrot")
                        .wanting(wanted -> wanted.with(trial -> "tn_wrong"))
                        .expected(sdk -> failure(sdk, Failure.NO_KEY, 0)),
                Case.of("a prompt above the limit", Verb.TEXT, OPENAI)
                        .wanting(wanted -> wanted.saying("0123456789abcde\n", ELEVEN_MEBIBYTES))
                        .expected(sdk -> failure(sdk, Failure.TOO_LARGE, 0)));
    }

    /** The only key rests then, so that the provider is asked once, however often the SDK asks, which is told why it rests. */
    private static Case withOneKey(String name, int status, String code, Failure failure) {
        Map<String, String> headers = failure == Failure.LIMITED ? Map.of("Retry-After", "90") : Map.of();
        return Case.of(name, Verb.TEXT, OPENAI)
                .wanting(wanted -> wanted.of(trial -> Stage.oneKey(trial.sdk(), failure) + "/" + trial.id()))
                .arranged(trial -> trial.will(OPENAI.refusal(status, code, "of account acct-123", headers)))
                .expected(sdk -> failure(sdk, failure, 1));
    }
}
