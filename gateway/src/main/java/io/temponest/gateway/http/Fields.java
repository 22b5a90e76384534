package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.function.Supplier;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Checks of the fields of a request; each failure is a 400 that names the field. */
public final class Fields {

    private static final Pattern RECORD_MESSAGE = Pattern.compile("([a-z_.]+) (.+)", Pattern.DOTALL);

    private Fields() {}

    public static ApiException invalid(String field, String message) {
        return ApiError.invalid(field, "invalid_value", "'%s' %s.".formatted(field, message))
                .exception();
    }

    /** A change of nothing. */
    public static ApiException nothingToChange() {
        return ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "nothing_to_change", "The request changes nothing.")
                .exception();
    }

    public static <T> T required(String field, Optional<T> value) {
        return value.orElseThrow(() -> ApiError.invalid(field, "missing_field", "'" + field + "' is required.")
                .exception());
    }

    /** Text that must be there and not blank. */
    public static String text(String field, Optional<String> value, int most) {
        String text = required(field, value);
        if (text.isBlank() || text.length() > most) {
            throw invalid(field, "must have 1 to %d characters".formatted(most));
        }
        return text;
    }

    /** The same in one line, for what is shown, or sent, in the middle of other text. */
    public static String line(String field, Optional<String> value, int most) {
        String text = text(field, value, most);
        if (text.codePoints().anyMatch(Fields::breaks)) {
            throw invalid(field, "must have no line breaks and no other control characters");
        }
        return text;
    }

    private static boolean breaks(int character) {
        return Character.isISOControl(character) || character == 0x2028 || character == 0x2029;
    }

    public static int number(String field, Optional<Integer> value, int least, int most, int standard) {
        int number = value.orElse(standard);
        if (number < least || number > most) {
            throw invalid(field, "must be from %d to %d".formatted(least, most));
        }
        return number;
    }

    public static double fraction(String field, Optional<Double> value, double standard) {
        double number = value.orElse(standard);
        if (!(number >= 0 && number <= 1)) {
            throw invalid(field, "must be from 0 to 1");
        }
        return number;
    }

    /** Ids of one kind, none twice. */
    public static List<TypeId> ids(String field, Optional<List<String>> values, Kind kind, int most) {
        List<String> texts = values.orElse(List.of());
        if (texts.size() > most) {
            throw invalid(field, "may have at most %d items".formatted(most));
        }
        if (new HashSet<>(texts).size() < texts.size()) {
            throw invalid(field, "names something twice");
        }
        return texts.stream()
                .map(text -> TypeId.parse(kind, text)
                        .orElseThrow(() -> invalid(
                                field,
                                "holds '%s', which is not an id of the form %s_…".formatted(text, kind.prefix()))))
                .toList();
    }

    /** Makes a record whose own checks say which field is wrong, as records of ours do: {@code name must have …}. */
    public static <T> T made(Supplier<T> maker) {
        try {
            return maker.get();
        } catch (IllegalArgumentException e) {
            Matcher message = RECORD_MESSAGE.matcher(String.valueOf(e.getMessage()));
            throw message.matches() ? invalid(message.group(1), message.group(2)) : e;
        }
    }
}
