package io.temponest.json;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.HexFormat;
import org.junit.jupiter.api.Test;

class CanonicalJsonTest {

    private static String canonical(String json) {
        return CanonicalJson.of(Json.tree(json));
    }

    @Test
    void whiteSpaceAndTheOrderOfMembersSayNothing() {
        assertThat(canonical("{ \"b\" : [ 1 , {\"z\":null,\"a\":true} ], \"a\":\"x\" }"))
                .isEqualTo("{\"a\":\"x\",\"b\":[1,{\"a\":true,\"z\":null}]}");
    }

    /** RFC 8785, section 3.2.3: a character beyond the basic plane is two units, which come before U+FB33. */
    @Test
    void membersAreInTheOrderOfTheirNamesCodeUnits() {
        assertThat(canonical("{\"\\ufb33\":1,\"\\ud83d\\ude00\":2,\"\\u20ac\":3,\"1\":4}"))
                .isEqualTo("{\"1\":4,\"\u20ac\":3,\"\ud83d\ude00\":2,\"\ufb33\":1}");
    }

    @Test
    void aNumberHasOneText() {
        assertThat(canonical("[1.0,1,10e-1,-0,0.0,1e2,100.00,0.000001]")).isEqualTo("[1,1,1,0,0,100,100,0.000001]");
    }

    /** Here the text is not that of RFC 8785, by which both would be one number. */
    @Test
    void largeNumbersThatDifferHaveDifferentTexts() {
        assertThat(canonical("[9007199254740992,9007199254740993]")).isEqualTo("[9007199254740992,9007199254740993]");
    }

    @Test
    void theHashIsThatOfTheText() {
        assertThat(HexFormat.of().formatHex(CanonicalJson.sha256(Json.tree("{}"))))
                .isEqualTo("44136fa355b3678a1146ad16f7e8649e94fb4fc21fe77e8310c060f61caaff8a");
    }
}
