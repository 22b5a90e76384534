package io.temponest.gateway.http;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonStreamContext;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.util.JsonParserDelegate;
import com.fasterxml.jackson.databind.JsonMappingException;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import java.io.IOException;

/**
 * Which texts can be kept as they were sent: PostgreSQL stores no U+0000, and UTF-8 has no halves of surrogate pairs, which
 * Java would write as question marks.
 */
final class StorableText {

    private StorableText() {}

    static boolean is(String text) {
        for (int i = 0; i < text.length(); i++) {
            char unit = text.charAt(i);
            if (unit == 0 || Character.isLowSurrogate(unit)) {
                return false;
            }
            if (Character.isHighSurrogate(unit)) {
                i++;
                if (i == text.length() || !Character.isLowSurrogate(text.charAt(i))) {
                    return false;
                }
            }
        }
        return true;
    }

    static ApiException refused(String field) {
        return ApiError.invalid(
                        field,
                        "text_not_storable",
                        "'%s' holds the character U+0000 or half a surrogate pair, which cannot be stored."
                                .formatted(field))
                .exception();
    }

    /** A body whose texts, and the names of its fields, can all be stored. */
    static final class Body extends JsonParserDelegate {

        Body(JsonParser parser) {
            super(parser);
        }

        @Override
        public JsonToken nextToken() throws IOException {
            JsonToken token = super.nextToken();
            if ((token == JsonToken.VALUE_STRING || token == JsonToken.FIELD_NAME) && !is(getText())) {
                throw new Unstorable(this, place(getParsingContext()));
            }
            return token;
        }

        private static String place(JsonStreamContext at) {
            if (at.inRoot()) {
                return "";
            }
            String before = place(at.getParent());
            if (at.inArray()) {
                return before + "[" + at.getCurrentIndex() + "]";
            }
            return before.isEmpty() ? at.getCurrentName() : before + "." + at.getCurrentName();
        }
    }

    /** A text of the body cannot be stored. A kind of failure that Jackson passes on as it is. */
    static final class Unstorable extends JsonMappingException {

        private static final long serialVersionUID = 1L;

        private final String field;

        Unstorable(JsonParser parser, String field) {
            super(parser, field);
            this.field = field;
        }

        String field() {
            return field;
        }
    }
}
