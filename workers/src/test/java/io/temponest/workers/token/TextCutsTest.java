package io.temponest.workers.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import io.temponest.error.ApiException;
import io.temponest.model.TextCuts;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.IntRange;
import org.junit.jupiter.api.Test;

/** A divided text has as many tokens as the whole, whatever it holds and wherever it is divided. */
class TextCutsTest {

    private static final EncodingRegistry REGISTRY = Encodings.newLazyEncodingRegistry();
    private static final List<Encoding> ENCODINGS = Stream.of(EncodingType.O200K_BASE, EncodingType.CL100K_BASE)
            .map(REGISTRY::getEncoding)
            .toList();

    /** What the encoders' expressions tell apart, and what they might not agree on. */
    private static final List<String> PIECES = List.of(
            "word",
            "Word",
            "WORDs",
            "it's",
            "'ll",
            "'S",
            "'\u017f",
            "’s",
            "O'Neill",
            "naïve",
            "中文没有空格",
            "，",
            "한국어",
            "नमस्ते",
            "สวัสดี",
            "e\u0301",
            "\u0301",
            "1",
            "12345",
            "7890123",
            "²",
            "२३",
            "\ud835\udfd9",
            "ⅷ",
            " ",
            "  ",
            "\t",
            "\n",
            "\r\n",
            "\n\n  ",
            " \n ",
            "\u00a0",
            "\u3000",
            "\u0085",
            "\u2028",
            "\u000b",
            "/",
            "//",
            "!",
            "?!",
            "__",
            "{}",
            "€",
            "😀",
            "👩\u200d🚀",
            "\ufeff",
            "\u0000",
            "\ue000",
            "\ud888\udfb0",
            "return x; // ok\n    }\n",
            "<|endoftext|>");

    @Provide
    Arbitrary<String> texts() {
        Arbitrary<String> any = Arbitraries.integers()
                .between(0, Character.MAX_CODE_POINT)
                .filter(c -> c < Character.MIN_SURROGATE || c > Character.MAX_SURROGATE)
                .map(Character::toString);
        return Arbitraries.frequencyOf(
                        net.jqwik.api.Tuple.of(9, Arbitraries.of(PIECES)), net.jqwik.api.Tuple.of(1, any))
                .list()
                .ofMaxSize(60)
                .map(pieces -> String.join("", pieces));
    }

    @Property(tries = 4_000)
    void partsAddUpToTheWhole(@ForAll("texts") String text, @ForAll @IntRange(min = 1, max = 40) int most) {
        List<String> parts = TextCuts.cut(text, most);

        assertThat(String.join("", parts)).isEqualTo(text);
        for (Encoding encoding : ENCODINGS) {
            assertThat(parts.stream().mapToInt(encoding::countTokensOrdinary).sum())
                    .as("%s: %s", encoding.getName(), parts)
                    .isEqualTo(encoding.countTokensOrdinary(text));
        }
    }

    @Test
    void ordinaryTextAndCodeAreDividedWhereAPartIsFull() {
        String text = "In 1911 the lamp's keeper said: \"It turns!\"\n\n\tfor (int i = 0; i < 10; i++) { f(i) }\n"
                .repeat(500);

        assertThat(TextCuts.cut(text, 1_000))
                .allMatch(part -> part.length() <= 1_000)
                .hasSizeLessThan(text.length() / 900);
        assertThat(TextCuts.cut("9".repeat(10_000), 1_000)).hasSize(11).allMatch(part -> part.length() <= 1_000);
        assertThat(TextCuts.cut("长文字，没有空格。".repeat(1_000), 1_000)).allMatch(part -> part.length() <= 1_000);
    }

    @Test
    void whatCannotBeDividedStaysWholeUpToAMebibyte() {
        String longest = "a".repeat(TextCuts.LONGEST);

        assertThat(TextCuts.cut(longest, 1_000)).containsExactly(longest);
        assertThatThrownBy(() -> TextCuts.cut(longest + "a", 1_000))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refused -> assertThat(refused.error().code()).isEqualTo("text_unbroken"));
        assertThatThrownBy(() -> TextCuts.cut("中".repeat(TextCuts.LONGEST / 3 + 1), 1_000))
                .isInstanceOf(ApiException.class);
    }
}
