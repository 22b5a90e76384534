package io.temponest.gateway.answers;

import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Base64;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * The questions of one context that were answered, newest first.
 *
 * <p>An embedding says what a text is about, not what it claims: "page 12" and "page 13", or "with" and "without", lie closer
 * together than many a paraphrase. So texts are alike only where they have the same numbers in the same order, in digits or in
 * words, and as many negations.
 */
record Likeness(List<Entry> entries) {

    static final Likeness NONE = new Likeness(List.of());

    private static final int MOST = 64;

    /** Of a vector of 384 numbers in base 64, and what is around it. */
    private static final int WEIGHT = 2_500;

    private static final Pattern WORD = Pattern.compile("\\p{N}+|[\\p{L}\\p{M}'’]+");

    private static final Pattern NUMBER = Pattern.compile(
            "\\p{N}+|zero|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|hundreds?|thousands?"
                    + "|millions?|billions?|half|double|twice|first|second|third|last");

    private static final Pattern NEGATION = Pattern.compile(
            "no|not|never|none|nothing|nobody|nowhere|neither|nor|without|cannot|except|unless|\\w+n['’]t"
                    + "|nicht|nichts|kein|keine|keinen|keinem|keiner|nie|niemals|ohne|pas|jamais|sans|aucun|aucune"
                    + "|sin|nunca|ningún|ninguna|não|sem|non|senza|mai");

    /**
     * A question that was answered.
     *
     * @param key of its answer
     * @param vector of unit length, as little-endian floats in base 64
     * @param marks what must be the same in a text that is like it
     */
    record Entry(String key, String vector, String marks, Instant at) {

        static Entry of(Question question, float[] vector, Instant at) {
            ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
            bytes.asFloatBuffer().put(vector);
            return new Entry(
                    question.key(),
                    Base64.getEncoder().encodeToString(bytes.array()),
                    Likeness.marks(question.meaning().orElseThrow().text()),
                    at);
        }

        private double cosine(float[] other) {
            ByteBuffer bytes =
                    ByteBuffer.wrap(Base64.getDecoder().decode(vector)).order(ByteOrder.LITTLE_ENDIAN);
            double sum = 0;
            for (int i = 0; i < other.length && bytes.remaining() >= Float.BYTES; i++) {
                sum += other[i] * bytes.getFloat();
            }
            return sum;
        }
    }

    /** An entry with its cosine. */
    record Scored(Entry entry, double similarity) {}

    Likeness {
        entries = List.copyOf(entries);
    }

    Likeness with(Entry entry) {
        List<Entry> all = new ArrayList<>();
        all.add(entry);
        entries.stream()
                .filter(other -> !other.key().equals(entry.key()))
                .limit(MOST - 1)
                .forEach(all::add);
        return new Likeness(all);
    }

    /** Those that are like a text, best first. */
    List<Scored> like(String text, float[] vector, double least) {
        String marks = marks(text);
        return entries.stream()
                .filter(entry -> entry.marks().equals(marks))
                .map(entry -> new Scored(entry, entry.cosine(vector)))
                .filter(scored -> scored.similarity() >= least)
                .sorted(Comparator.comparingDouble(Scored::similarity).reversed())
                .toList();
    }

    private static String marks(String text) {
        List<String> words = WORD.matcher(text.toLowerCase(Locale.ROOT))
                .results()
                .map(found -> found.group())
                .toList();
        long negations =
                words.stream().filter(word -> NEGATION.matcher(word).matches()).count();
        Stream<String> numbers =
                words.stream().filter(word -> NUMBER.matcher(word).matches());
        return numbers.collect(Collectors.joining(" ")) + "|" + negations;
    }

    int weight() {
        return WEIGHT * (entries.size() + 1);
    }
}
