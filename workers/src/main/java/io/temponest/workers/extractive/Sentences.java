package io.temponest.workers.extractive;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/** Cuts a passage into what can be quoted by itself: sentences of prose, list items, lines of tables and code. */
final class Sentences {

    private static final Pattern END = Pattern.compile("(?<=[.!?])[\"')\\]]*\\s+(?=[\\p{Lu}\\p{N}\"'(\\[`*])");
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s.*");
    private static final Pattern ITEM = Pattern.compile("\\s*([-*+]|\\d+[.)])\\s.*");
    private static final Pattern RULE = Pattern.compile("[\\s|:=_*-]*");
    private static final int SHORTEST = 3;

    private Sentences() {}

    static List<String> of(String passage) {
        List<String> sentences = new ArrayList<>();
        StringBuilder paragraph = new StringBuilder();
        for (String line : passage.lines().toList()) {
            boolean apart =
                    HEADING.matcher(line).matches() || RULE.matcher(line).matches() || line.startsWith("```");
            if (apart || ITEM.matcher(line).matches() || line.startsWith("|") || line.startsWith("    ")) {
                flush(paragraph, sentences);
            }
            if (!apart) {
                paragraph.append(paragraph.isEmpty() ? "" : " ").append(line.strip());
            }
        }
        flush(paragraph, sentences);
        return sentences;
    }

    private static void flush(StringBuilder paragraph, List<String> sentences) {
        END.splitAsStream(paragraph)
                .map(String::strip)
                .filter(sentence -> sentence.length() >= SHORTEST)
                .forEach(sentences::add);
        paragraph.setLength(0);
    }
}
