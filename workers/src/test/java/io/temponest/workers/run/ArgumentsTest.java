package io.temponest.workers.run;

import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ArgumentsTest {

    @Test
    void aModelThatWritesNothingMeansAnEmptyObject() {
        assertThat(Arguments.read("").orElseThrow()).isEmpty();
    }

    @ParameterizedTest
    @ValueSource(strings = {"[]", "1", "null", "{", "{} {}", "{\"n\":1e301}", "{\"n\":[{\"m\":1e-1000000}]}"})
    void whatIsNoObjectThatCanBeKeptIsRefused(String text) {
        assertThat(Arguments.read(text)).isEmpty();
    }

    @Test
    void whatTheDatabaseCannotKeepIsTakenOutOfTexts() {
        assertThat(Arguments.read("{\"a\\u0000\":[\"x\\u0000y\",\"\\ud800\"],\"b\":\"\\ud83d\\ude00\"}")
                        .orElseThrow())
                .hasToString("{\"a\":[\"xy\",\"\ufffd\"],\"b\":\"\ud83d\ude00\"}");
    }

    @Test
    void whatIsNestedTooDeepForTheJournalToReadItBackIsRefused() {
        assertThat(Arguments.read(nested(60))).isPresent();
        assertThat(Arguments.read(nested(61))).isEmpty();
        assertThat(Arguments.read(nested(64))).isEmpty();
    }

    private static String nested(int depth) {
        return "{\"a\":".repeat(depth - 1) + "{}" + "}".repeat(depth - 1);
    }
}
