package io.temponest.model.wire;

/**
 * Walks over a JSON text character by character and tells its fields, without making anything of it. It does not check the
 * text: on one that is no JSON it ends early.
 */
final class JsonScan {

    /** Hears of the fields of a text, in its order. */
    interface Fields {

        /**
         * A field. The value's place is that of a whole string with its quotes, or of the first character of any other.
         *
         * @param depth of the object that has it: 1 for the outermost; arrays count too
         */
        void field(String name, int depth, int valueFrom, int valueTo);
    }

    private JsonScan() {}

    static void fields(String json, Fields fields) {
        int depth = 0;
        int at = 0;
        while (at < json.length()) {
            switch (json.charAt(at)) {
                case '{', '[' -> {
                    depth++;
                    at++;
                }
                case '}', ']' -> {
                    depth--;
                    at++;
                }
                case '"' -> at = string(json, at, depth, fields);
                default -> at++;
            }
        }
    }

    /** Goes over a string, and over its value when it is a field's name and the value a string. */
    private static int string(String json, int from, int depth, Fields fields) {
        int to = endOfString(json, from);
        int colon = skipSpace(json, to);
        if (colon >= json.length() || json.charAt(colon) != ':') {
            return to;
        }
        int value = skipSpace(json, colon + 1);
        if (value >= json.length()) {
            return value;
        }
        int end = json.charAt(value) == '"' ? endOfString(json, value) : value;
        fields.field(json.substring(from + 1, to - 1), depth, value, end);
        return end;
    }

    private static int skipSpace(String json, int from) {
        int at = from;
        while (at < json.length() && json.charAt(at) <= ' ') {
            at++;
        }
        return at;
    }

    /** Just past the closing quote, or at the end of the text. */
    private static int endOfString(String json, int from) {
        int at = from + 1;
        while (at < json.length()) {
            char c = json.charAt(at);
            if (c == '"') {
                return at + 1;
            }
            at += c == '\\' ? 2 : 1;
        }
        return Math.max(json.length(), from + 2);
    }

    /** Just past the object that begins here, or the end of the text. */
    static int endOfObject(String json, int from) {
        int depth = 0;
        int at = from;
        while (at < json.length()) {
            char c = json.charAt(at);
            if (c == '"') {
                at = endOfString(json, at);
                continue;
            }
            at++;
            if (c == '{') {
                depth++;
            } else if (c == '}' && --depth == 0) {
                return at;
            }
        }
        return json.length();
    }

    /** The characters (UTF-16) of a string between its quotes; an escape counts as one. */
    static int characters(String json, int from, int to) {
        int count = 0;
        int at = from + 1;
        while (at < to - 1) {
            if (json.charAt(at) == '\\') {
                at += json.charAt(at + 1) == 'u' ? 6 : 2;
            } else {
                at++;
            }
            count++;
        }
        return count;
    }
}
