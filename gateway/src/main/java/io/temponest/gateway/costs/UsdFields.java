package io.temponest.gateway.costs;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiException;
import io.temponest.gateway.http.Fields;
import io.temponest.spend.Usd;
import java.util.Optional;
import java.util.regex.Pattern;

/** Amounts of US dollars in requests: decimal strings, or numbers for who prefers them. */
final class UsdFields {

    private static final Pattern DECIMAL = Pattern.compile("\\d{1,10}(\\.\\d{1,8})?");

    private UsdFields() {}

    static Usd required(String field, Optional<JsonNode> value) {
        return read(field, Fields.required(field, value));
    }

    static Optional<Usd> optional(String field, Optional<JsonNode> value) {
        return value.map(given -> read(field, given));
    }

    private static Usd read(String field, JsonNode given) {
        try {
            if (given.isTextual() && DECIMAL.matcher(given.textValue()).matches()) {
                return Usd.parse(given.textValue());
            }
            if (given.isNumber()) {
                return Usd.of(given.decimalValue());
            }
        } catch (IllegalArgumentException e) {
            // refused below, as what is no amount is
        }
        throw wrong(field);
    }

    private static ApiException wrong(String field) {
        return Fields.invalid(
                field,
                "must be an amount of US dollars such as \"12.50\", from 0 to less than 10000000000, with at most 8 decimals");
    }
}
