package io.temponest.json;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class JsonTest {

    private record Holder(Optional<JsonNode> tree, Optional<String> text) {}

    @Test
    void anAbsentTreeIsAbsent() {
        assertThat(Json.read("{}", Holder.class).tree()).isEmpty();
    }

    @Test
    void aNullTreeIsAbsent() {
        assertThat(Json.read("{\"tree\":null,\"text\":null}", Holder.class))
                .isEqualTo(new Holder(Optional.empty(), Optional.empty()));
    }

    @Test
    void aTreeKeepsTheNullsWithinIt() {
        assertThat(Json.read("{\"tree\":{\"a\":[null,1]}}", Holder.class).tree().orElseThrow())
                .hasToString("{\"a\":[null,1]}");
    }

    @Test
    void whatIsAbsentIsNotWritten() {
        assertThat(Json.text(new Holder(Optional.empty(), Optional.of("x")))).isEqualTo("{\"text\":\"x\"}");
    }
}
