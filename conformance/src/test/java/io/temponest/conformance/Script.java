package io.temponest.conformance;

import io.temponest.testing.FakeProvider.Act;
import java.util.ArrayList;
import java.util.List;

/** What providers say in most cases. */
final class Script {

    static final OpenAiVoice OPENAI = new OpenAiVoice("chat");
    static final AnthropicVoice ANTHROPIC = new AnthropicVoice("messages");
    static final List<Voice> VOICES = List.of(OPENAI, ANTHROPIC);

    /** With characters of one to four bytes, and one of two code points. */
    private static final List<String> PIECES = List.of("Grüße ", "aus 北京, ", "👋🏽!");

    static final String FIRST = PIECES.getFirst();
    static final String TEXT = String.join("", PIECES);

    private Script() {}

    static Act whole(Voice voice) {
        return new Act.Whole(voice.whole(TEXT));
    }

    /** The text as a whole stream. */
    static Act[] stream(Voice voice) {
        List<Act> acts = new ArrayList<>(List.of(new Act.Raw(voice.opening())));
        PIECES.forEach(piece -> acts.add(new Act.Raw(voice.piece(piece))));
        acts.add(new Act.Raw(voice.closing()));
        acts.add(new Act.Close());
        return acts.toArray(Act[]::new);
    }

    /** The same as the text of the stream. */
    static String frames(Voice voice) {
        return voice.opening()
                + String.join("", PIECES.stream().map(voice::piece).toList())
                + voice.closing();
    }

    /** A stream that goes on with other acts when the SDK has handed over the first piece of the text. */
    static Act[] begun(Trial trial, Act... then) {
        Voice voice = trial.voice();
        List<Act> acts = new ArrayList<>(
                List.of(new Act.Raw(voice.opening()), new Act.Raw(voice.piece(FIRST)), trial.whenHeard()));
        acts.addAll(List.of(then));
        return acts.toArray(Act[]::new);
    }

    /** All cases, in the order of the table. */
    static List<Case> cases() {
        List<Case> cases = new ArrayList<>();
        VOICES.forEach(voice -> cases.addAll(GoodCases.of(voice)));
        cases.addAll(GoodCases.others());
        VOICES.forEach(voice -> cases.addAll(HealedCases.of(voice)));
        cases.addAll(HealedCases.ofOpenAi());
        VOICES.forEach(voice -> cases.addAll(ToldCases.of(voice)));
        cases.addAll(ToldCases.ofOpenAi());
        return cases;
    }
}
