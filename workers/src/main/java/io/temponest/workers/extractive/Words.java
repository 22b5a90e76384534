package io.temponest.workers.extractive;

import java.util.Locale;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The words of a text that carry meaning, in lower case, with common English endings taken off. */
final class Words {

    private static final Pattern WORD = Pattern.compile("[\\p{L}\\p{N}][\\p{L}\\p{N}_'’.-]*");
    private static final Set<String> STOP = Set.of(
            "a", "about", "an", "and", "are", "as", "at", "be", "by", "can", "could", "did", "do", "does", "for",
            "from", "give", "had", "has", "have", "how", "i", "if", "in", "is", "it", "its", "list", "many", "me",
            "much", "my", "of", "on", "or", "our", "say", "should", "tell", "that", "the", "their", "there", "they",
            "this", "to", "was", "we", "were", "what", "when", "where", "which", "who", "why", "will", "with", "would",
            "you", "your");

    private Words() {}

    static Set<String> of(String text) {
        Set<String> words = new TreeSet<>();
        Matcher matcher = WORD.matcher(text.toLowerCase(Locale.ROOT));
        while (matcher.find()) {
            String word = matcher.group().replaceAll("['’.-]+$", "");
            if (!STOP.contains(word) && !word.isEmpty()) {
                words.add(stem(word));
            }
        }
        return words;
    }

    private static String stem(String word) {
        for (String ending : new String[] {"ings", "ing", "edly", "ed", "ies", "es", "s", "ly"}) {
            if (word.length() - ending.length() >= 4 && word.endsWith(ending)) {
                return word.substring(0, word.length() - ending.length());
            }
        }
        return word;
    }
}
