package io.temponest.account;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * Which passwords are taken: 12 to 1024 characters; none that many people choose, with or without digits and signs around it
 * and in its letters' place; none that follows from the e-mail address; nothing that only goes on and on. After NIST SP
 * 800-63B, 5.1.1.2: no rule asks for kinds of characters.
 */
public final class PasswordRules {

    private static final String COMMON = "common-passwords.txt";
    private static final int SHORTEST = 12;
    private static final int LONGEST = 1_024;

    /** A shorter name says little: "al" is in many words. */
    private static final int SHORTEST_NAME = 4;

    private static final int FEWEST_CHARACTERS = 5;
    private static final String LEET = "013457@$!8";
    private static final String LETTERS = "oieastasib";
    private static final List<String> RUNS = List.of(
            "abcdefghijklmnopqrstuvwxyz",
            "01234567890123456789",
            "qwertyuiopasdfghjklzxcvbnm",
            "1qaz2wsx3edc4rfv5tgb6yhn");

    private final Set<String> common;

    private PasswordRules(Set<String> common) {
        this.common = common;
    }

    /** Reads the list. Blocks. */
    public static PasswordRules load() {
        try (BufferedReader lines = new BufferedReader(new InputStreamReader(
                Objects.requireNonNull(PasswordRules.class.getResourceAsStream(COMMON), COMMON),
                StandardCharsets.UTF_8))) {
            return new PasswordRules(
                    lines.lines().filter(line -> !line.startsWith("#")).collect(Collectors.toSet()));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** What is wrong with a password, as the end of a sentence; empty where it is taken. */
    public Optional<String> objection(String password, String email) {
        int length = password.codePointCount(0, password.length());
        if (length < SHORTEST || password.length() > LONGEST) {
            return Optional.of("must have %d to %d characters".formatted(SHORTEST, LONGEST));
        }
        String lower = password.toLowerCase(Locale.ROOT);
        String name = email.split("@", 2)[0].toLowerCase(Locale.ROOT);
        if (name.length() >= SHORTEST_NAME && lower.contains(name)) {
            return Optional.of("must not contain the name in the e-mail address");
        }
        if (lower.chars().distinct().count() < FEWEST_CHARACTERS || repeats(lower) || runs(lower)) {
            return Optional.of("must not be a repetition or a sequence");
        }
        return isCommon(lower) ? Optional.of("is too common") : Optional.empty();
    }

    private boolean isCommon(String lower) {
        return common.contains(lower)
                || common.contains(letters(lower))
                || common.contains(letters(plain(lower)))
                || common.contains(letters(plain(stripped(lower))));
    }

    /** Without what stands before the first letter and behind the last: a year, an exclamation mark. */
    private static String stripped(String text) {
        return text.replaceAll("^[^a-z]+|[^a-z]+$", "");
    }

    /** The letters that digits and signs are put for. */
    private static String plain(String text) {
        StringBuilder plain = new StringBuilder(text);
        for (int i = 0; i < plain.length(); i++) {
            int leet = LEET.indexOf(plain.charAt(i));
            if (leet >= 0) {
                plain.setCharAt(i, LETTERS.charAt(leet));
            }
        }
        return plain.toString();
    }

    private static String letters(String text) {
        return text.replaceAll("[^a-z]", "");
    }

    /** Whether it is a shorter text over and over: then it is found again in its double, before its end. */
    private static boolean repeats(String text) {
        return (text + text).indexOf(text, 1) < text.length();
    }

    /** Whether it is made of long pieces of what stands in a row on a keyboard, in the alphabet, or in counting. */
    private static boolean runs(String text) {
        int pieces = 1;
        for (int i = 1; i < text.length(); i++) {
            String pair = text.substring(i - 1, i + 1);
            String back = new StringBuilder(pair).reverse().toString();
            if (RUNS.stream().noneMatch(run -> run.contains(pair) || run.contains(back))) {
                pieces++;
            }
        }
        return pieces <= text.length() / 4;
    }
}
