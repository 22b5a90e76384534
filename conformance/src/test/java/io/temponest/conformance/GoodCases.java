package io.temponest.conformance;

import static io.temponest.conformance.Expected.answer;
import static io.temponest.conformance.Script.OPENAI;
import static io.temponest.conformance.Script.TEXT;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.FakeProvider.Act;
import java.util.List;
import java.util.stream.Collectors;

/** What goes well. */
final class GoodCases {

    private static final String ARGUMENTS = "{\"a\":19,\"b\":23}";
    private static final String PLACE = "{\"city\":\"北京\",\"people\":21858000}";

    /** Sixteen bytes. */
    private static final String UNIT = "0123456789abcde\n";

    private static final int EIGHT_MEBIBYTES = (8 << 20) / 16;

    private static final List<List<Float>> VECTORS = List.of(List.of(0.5f, -0.1f), List.of(1f, 3e-5f));

    private GoodCases() {}

    /** Vectors as one line, each number by the bits of its float. */
    static String written(List<List<Float>> vectors) {
        return vectors.stream()
                .map(vector -> vector.stream()
                        .map(number -> Integer.toString(Float.floatToIntBits(number)))
                        .collect(Collectors.joining(" ")))
                .collect(Collectors.joining("; "));
    }

    static List<Case> of(Voice voice) {
        return List.of(
                Case.of("an answer in one piece", Verb.TEXT, voice)
                        .arranged(trial -> trial.will(Script.whole(voice)))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("an answer over beta methods", Verb.BETA, voice)
                        .arranged(trial -> trial.will(Script.whole(voice)))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("a streamed answer", Verb.STREAM, voice)
                        .arranged(trial -> trial.will(Script.stream(voice)))
                        .expected(sdk -> answer(TEXT, 1, 1)),
                Case.of("a tool call and its result", Verb.TOOL, voice)
                        .arranged(trial -> {
                            trial.will(new Act.Whole(voice.wholeCall("call_1", "add", ARGUMENTS)));
                            trial.will(new Act.Whole(voice.whole("It is 42.")));
                        })
                        .expected(sdk -> answer("It is 42.", 2, 2))
                        .also(trial -> assertThat(
                                        voice.toolResult(trial.asked().getLast().body()))
                                .isEqualTo("call_1=42")),
                Case.of("a streamed tool call", Verb.TOOL_STREAM, voice)
                        .arranged(trial -> trial.will(
                                new Act.Raw(voice.call("call_1", "add", ARGUMENTS)),
                                new Act.Raw(voice.closingCall()),
                                new Act.Close()))
                        .expected(sdk -> answer("add " + ARGUMENTS, 1, 1)),
                Case.of("an answer by a JSON schema", Verb.OBJECT, voice)
                        .arranged(trial -> trial.will(new Act.Whole(voice.whole(PLACE))))
                        .expected(sdk -> answer(PLACE, 1, 1))
                        .also(trial -> assertThat(voice.wantsObject(
                                        trial.asked().getFirst().body(), "city", "people"))
                                .isTrue()),
                Case.of("a prompt of 8 MiB", Verb.TEXT, voice)
                        .wanting(wanted -> wanted.saying(UNIT, EIGHT_MEBIBYTES))
                        .arranged(trial -> trial.will(Script.whole(voice)))
                        .expected(sdk -> answer(TEXT, 1, 1))
                        .also(trial -> assertThat(
                                        voice.lastWords(trial.asked().getFirst().body())
                                                .equals(UNIT.repeat(EIGHT_MEBIBYTES)))
                                .as("the prompt came as it was")
                                .isTrue()));
    }

    static List<Case> others() {
        return List.of(
                Case.of("embeddings as the SDK asks", Verb.VECTORS, OPENAI)
                        .arranged(trial -> trial.will(new Act.Vectors(VECTORS)))
                        .expected(sdk -> answer(written(VECTORS), 1, 1)),
                Case.of("embeddings as numbers", Verb.VECTORS_AS_NUMBERS, OPENAI)
                        .arranged(trial -> trial.will(new Act.Vectors(VECTORS)))
                        .expected(sdk -> answer(written(VECTORS), 1, 1)),
                Case.of("embeddings of temponest/minilm", Verb.VECTORS, "temponest/minilm")
                        .expected(sdk -> answer(stage -> written(stage.vectors()), 1, 0)),
                Case.of("the list of models", Verb.MODELS, "").expected(sdk -> answer(Stage::models, 1, 0)));
    }
}
