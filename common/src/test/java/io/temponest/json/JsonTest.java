package io.temponest.json;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import java.math.BigDecimal;
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

    private record Cost(BigDecimal usd) {}

    @Test
    void moneyThatWeWroteOurselvesCanBeRead() {
        Cost cost = new Cost(new BigDecimal("0.00000001"));

        assertThat(Json.read(Json.text(cost), Cost.class)).isEqualTo(cost);
        assertThatThrownBy(() -> Json.STRICT.readValue("{\"usd\":\"1\"}", Cost.class))
                .isInstanceOf(MismatchedInputException.class);
    }

    @Test
    void whatIsAbsentIsNotWritten() {
        assertThat(Json.text(new Holder(Optional.empty(), Optional.of("x")))).isEqualTo("{\"text\":\"x\"}");
    }
}
