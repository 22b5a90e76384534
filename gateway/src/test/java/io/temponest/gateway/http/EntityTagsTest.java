package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class EntityTagsTest {

    private static EntityTags tags(String... lines) {
        return EntityTags.read("If-Match", List.of(lines)).orElseThrow();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "\"a\" | \"a\" | true | true",
                "\"a\" | \"b\" | false | false",
                "W/\"a\" | \"a\" | false | true",
                "\"x\", \"a\" | \"a\" | true | true",
                "\"x\",W/\"a\" | \"a\" | false | true",
                ",, \"x\" ,, \"a\", | \"a\" | true | true",
                "\"a,b\" | \"a\" | false | false",
                "\"a,b\" | \"a,b\" | true | true",
                "\"W/\", \"a\" | \"a\" | true | true",
                "\"\" | \"\" | true | true",
                "* | \"a\" | true | true"
            })
    void aListIsComparedStronglyOrWeakly(String given, String tag, boolean strong, boolean weak) {
        assertThat(tags(given).matchStrongly(tag)).isEqualTo(strong);
        assertThat(tags(given).matchWeakly(tag)).isEqualTo(weak);
    }

    @Test
    void severalLinesAreOneList() {
        assertThat(tags("\"x\"", "\"a\"").matchStrongly("\"a\"")).isTrue();
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"a", "\"a", "a\"", "w/\"a\"", "\"a\" \"b\"", "*, \"a\"", "\"a\", *", "", "W/ \"a\"", "\"a b\""})
    void whatIsNoListIsRefusedByName(String given) {
        assertThatThrownBy(() -> tags(given))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        failure -> assertThat(failure.error().param()).contains("If-Match"));
    }

    @Test
    void aLongListThatIsMalformedAtItsEndIsRefusedAtOnce() {
        assertThatThrownBy(() -> tags("\"a\" , ".repeat(2_000) + "b")).isInstanceOf(ApiException.class);
        assertThatThrownBy(() -> tags(", ,".repeat(3_000) + "b")).isInstanceOf(ApiException.class);
    }

    @Test
    void withoutTheHeaderThereIsNoPrecondition() {
        assertThat(EntityTags.read("If-Match", List.of())).isEmpty();
    }

    @Test
    void theTagOfARepresentationIsOfItsBytes() {
        String tag = EntityTags.of(Map.of("a", 1));

        assertThat(tag).matches("\"[A-Za-z0-9_-]{24}\"").isEqualTo(EntityTags.of(Map.of("a", 1)));
        assertThat(EntityTags.of(Map.of("a", 2))).isNotEqualTo(tag);
    }
}
