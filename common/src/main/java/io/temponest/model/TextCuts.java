package io.temponest.model;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import java.util.ArrayList;
import java.util.List;

/**
 * Divides a text so that its parts have as many tokens together as the whole has, in every {@link Vocabulary}.
 *
 * <p>An encoder first divides a text into words by a regular expression, and each word into tokens. The expressions look ahead
 * (a run of spaces leaves its last one to the word behind) but never back, so a part is divided as in the whole when it begins
 * where a word begins, and the part before it when nothing that follows could have changed its last word. Which places are so
 * whatever surrounds them follows from the expressions' alternatives: no word has a digit beside anything else, or a letter
 * before a space, and a run of spaces that ends with a line break is one word. Digits go in threes from the start of their run.
 */
public final class TextCuts {

    /** What a part without any such place may have, in bytes of UTF-8: encoding one word takes some 200 times that for a while. */
    public static final int LONGEST = 1 << 20;

    /** The last letter, and the last digit, that every encoder takes for one. */
    private static final int LAST_LETTER = 0x323AF;

    private static final int LAST_NUMBER = 0x1FBF9;

    private TextCuts() {}

    /** What a character is to the encoders' expressions. */
    private enum Sort {
        LETTER,
        MARK,
        NUMBER,
        SPACE,
        LINE_BREAK,
        APOSTROPHE,
        SLASH,
        SIGN,
        /** Whatever encoders might not agree on. */
        OTHER
    }

    /**
     * The parts of a text, in order.
     *
     * @param most characters of a part (UTF-16), but for one without a place to divide it
     * @throws io.temponest.error.ApiException 400 when such a part is larger than {@link #LONGEST}
     */
    public static List<String> cut(String text, int most) {
        List<String> parts = new ArrayList<>();
        int from = 0;
        while (text.length() - from > most) {
            int at = place(text, from, most);
            parts.add(checked(text.substring(from, at)));
            from = at;
        }
        if (from < text.length()) {
            parts.add(checked(text.substring(from)));
        }
        return parts;
    }

    /** The last place before a part is full, but not so early that parts become small; else the next one after. */
    private static int place(String text, int from, int most) {
        int full = amongDigits(text, from, from + most);
        if (full > from) {
            return full;
        }
        for (int at = from + most; at > from + most / 2; at--) {
            if (isPlace(text, at)) {
                return at;
            }
        }
        int end = (int) Math.min(text.length(), (long) from + most + LONGEST);
        for (int at = from + most + 1; at < end; at++) {
            if (isPlace(text, at)) {
                return at;
            }
        }
        return end;
    }

    /** The last place, up to one, in a run of digits there; -1 where it is not in one. */
    private static int amongDigits(String text, int from, int at) {
        int run = at;
        while (run > from && isDigit(text.charAt(run - 1))) {
            run--;
        }
        boolean begins = run == from || !mayBeNumber(sort(text.codePointBefore(run)));
        return begins && at - run >= 3 ? at - (at - run) % 3 : -1;
    }

    private static boolean isDigit(char c) {
        return c >= '0' && c <= '9';
    }

    private static boolean mayBeNumber(Sort sort) {
        return sort == Sort.NUMBER || sort == Sort.OTHER;
    }

    /** Whether a word ends here, whatever the text is like elsewhere. */
    static boolean isPlace(String text, int at) {
        Sort next = sort(text.codePointAt(at));
        return switch (sort(text.codePointBefore(at))) {
            case LETTER ->
                switch (next) {
                    case NUMBER, SPACE, LINE_BREAK, SLASH, SIGN -> true;
                    // An apostrophe may begin an ending of the word, such as 's.
                    case LETTER, MARK, APOSTROPHE, OTHER -> false;
                };
            case NUMBER -> !mayBeNumber(next);
            // Line breaks behind signs belong to them.
            case MARK, SIGN, SLASH, APOSTROPHE -> next == Sort.SPACE || next == Sort.NUMBER;
            case LINE_BREAK ->
                switch (next) {
                    case LETTER, NUMBER, SIGN, APOSTROPHE -> true;
                    // Signs may go on behind a line break with slashes.
                    case SLASH, MARK, SPACE, LINE_BREAK, OTHER -> false;
                };
            case SPACE, OTHER -> false;
        };
    }

    private static Sort sort(int c) {
        if (c < 0x80) {
            return ascii(c);
        }
        return switch (Character.getType(c)) {
            case Character.UPPERCASE_LETTER,
                    Character.LOWERCASE_LETTER,
                    Character.TITLECASE_LETTER,
                    Character.MODIFIER_LETTER,
                    Character.OTHER_LETTER -> c <= LAST_LETTER ? Sort.LETTER : Sort.OTHER;
            case Character.DECIMAL_DIGIT_NUMBER, Character.LETTER_NUMBER, Character.OTHER_NUMBER ->
                c <= LAST_NUMBER ? Sort.NUMBER : Sort.OTHER;
            case Character.NON_SPACING_MARK, Character.COMBINING_SPACING_MARK, Character.ENCLOSING_MARK -> Sort.MARK;
            case Character.CONNECTOR_PUNCTUATION,
                    Character.DASH_PUNCTUATION,
                    Character.START_PUNCTUATION,
                    Character.END_PUNCTUATION,
                    Character.INITIAL_QUOTE_PUNCTUATION,
                    Character.FINAL_QUOTE_PUNCTUATION,
                    Character.OTHER_PUNCTUATION,
                    Character.MATH_SYMBOL,
                    Character.CURRENCY_SYMBOL,
                    Character.MODIFIER_SYMBOL,
                    Character.OTHER_SYMBOL -> Sort.SIGN;
            default -> Sort.OTHER;
        };
    }

    private static Sort ascii(int c) {
        return switch (c) {
            case ' ', '\t' -> Sort.SPACE;
            case '\r', '\n' -> Sort.LINE_BREAK;
            case '\'' -> Sort.APOSTROPHE;
            case '/' -> Sort.SLASH;
            default -> {
                if (isDigit((char) c)) {
                    yield Sort.NUMBER;
                }
                boolean letter = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
                yield letter ? Sort.LETTER : c > ' ' && c < 0x7F ? Sort.SIGN : Sort.OTHER;
            }
        };
    }

    private static String checked(String part) {
        if (part.length() > LONGEST / 3 && bytes(part) > LONGEST) {
            throw ApiError.of(
                            ErrorType.INVALID_REQUEST_ERROR,
                            "text_unbroken",
                            "The text has a stretch of more than 1 MiB that is one word, or one run of the same sort of characters.")
                    .exception();
        }
        return part;
    }

    private static long bytes(String part) {
        return part.codePoints()
                .mapToLong(c -> c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4)
                .sum();
    }
}
