package io.temponest.workers.knowledge;

import io.temponest.knowledge.Location;
import io.temponest.workers.knowledge.ExtractedText.Part;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.ToIntFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Cuts a text into chunks of whole blocks: a block is a paragraph, a code fence or a heading with what follows. Blocks are
 * gathered until a chunk is large enough; a heading begins a new one. A block above the limit is cut at lines, then at
 * sentences, then at words. Every non-blank line is in some chunk.
 */
final class Splitter {

    private static final int WANTED_TOKENS = 120;

    /** MiniLM reads 256 tokens with two of its own; the heading is embedded with the text. */
    static final int MAX_TOKENS = 200;

    private static final int MAX_HEADING = 200;
    private static final Pattern HEADING = Pattern.compile("#{1,6}\\s+(.+?)\\s*#*");
    private static final Pattern SENTENCE_END = Pattern.compile("(?<=[.!?])\\s+");

    private final ToIntFunction<String> tokens;

    /** @param tokens counts a text's tokens for the embedding model */
    Splitter(ToIntFunction<String> tokens) {
        this.tokens = tokens;
    }

    List<Chunk> split(ExtractedText text) {
        List<Chunk> chunks = new ArrayList<>();
        for (Part part : text.parts()) {
            new PartSplit(part, text.markdown(), chunks).run();
        }
        return chunks;
    }

    /** One part's way through the lines. */
    private final class PartSplit {

        private final Part part;
        private final boolean markdown;
        private final List<Chunk> chunks;
        private final List<String> pending = new ArrayList<>();
        private int pendingStart;
        private int pendingEnd;
        private int pendingTokens;
        private Optional<String> heading = Optional.empty();
        private boolean onlyHeading;

        PartSplit(Part part, boolean markdown, List<Chunk> chunks) {
            this.part = part;
            this.markdown = markdown;
            this.chunks = chunks;
        }

        void run() {
            List<String> lines = part.text().lines().toList();
            int i = 0;
            while (i < lines.size()) {
                if (lines.get(i).isBlank()) {
                    i++;
                    continue;
                }
                int end = blockEnd(lines, i);
                block(lines.subList(i, end), i + 1);
                i = end;
            }
            flush();
        }

        /** The line after the block that begins at a line. */
        private int blockEnd(List<String> lines, int start) {
            if (isHeading(lines.get(start))) {
                return start + 1;
            }
            boolean fence = markdown && lines.get(start).startsWith("```");
            int i = start + 1;
            while (i < lines.size()) {
                String line = lines.get(i);
                if (fence && line.startsWith("```")) {
                    return i + 1;
                }
                if (!fence && (line.isBlank() || isHeading(line) || (markdown && line.startsWith("```")))) {
                    return i;
                }
                i++;
            }
            return i;
        }

        private boolean isHeading(String line) {
            return markdown && HEADING.matcher(line).matches();
        }

        private void block(List<String> lines, int firstLine) {
            Matcher title = HEADING.matcher(lines.getFirst());
            if (markdown && title.matches()) {
                if (!onlyHeading) {
                    flush();
                }
                String words = title.group(1);
                heading = Optional.of(words.substring(0, Math.min(words.length(), MAX_HEADING)));
                add(lines.getFirst(), firstLine, firstLine);
                onlyHeading = true;
                return;
            }
            String text = String.join("\n", lines);
            int size = tokens.applyAsInt(text);
            if (size > MAX_TOKENS) {
                cut(lines, firstLine);
                return;
            }
            if (!onlyHeading && pendingTokens + size > WANTED_TOKENS) {
                flush();
            }
            add(text, firstLine, firstLine + lines.size() - 1);
        }

        /** Cuts a block that is too large, at lines and within them. */
        private void cut(List<String> lines, int firstLine) {
            for (int i = 0; i < lines.size(); i++) {
                for (String piece : pieces(lines.get(i))) {
                    if (pendingTokens + tokens.applyAsInt(piece) > WANTED_TOKENS) {
                        flush();
                    }
                    add(piece, firstLine + i, firstLine + i);
                }
            }
        }

        private void add(String text, int firstLine, int lastLine) {
            int size = tokens.applyAsInt(text);
            if (!pending.isEmpty() && pendingTokens + size > MAX_TOKENS) {
                flush();
            }
            if (pending.isEmpty()) {
                pendingStart = firstLine;
            }
            pending.add(text);
            pendingEnd = lastLine;
            pendingTokens += size;
            onlyHeading = false;
        }

        private void flush() {
            if (!pending.isEmpty()) {
                chunks.add(new Chunk(
                        String.join("\n", pending), new Location(part.page(), pendingStart, pendingEnd, heading)));
            }
            pending.clear();
            pendingTokens = 0;
            onlyHeading = false;
        }
    }

    /** A line in pieces that fit: sentences, and words where a sentence is too long. */
    private List<String> pieces(String line) {
        if (tokens.applyAsInt(line) <= MAX_TOKENS) {
            return List.of(line);
        }
        List<String> pieces = new ArrayList<>();
        for (String sentence : SENTENCE_END.splitAsStream(line).toList()) {
            if (tokens.applyAsInt(sentence) <= MAX_TOKENS) {
                pieces.add(sentence);
            } else {
                pieces.addAll(halves(sentence));
            }
        }
        return pieces;
    }

    /** Halves a text, at a space where there is one near the middle, until the parts fit. */
    private List<String> halves(String text) {
        if (text.length() < 2 || tokens.applyAsInt(text) <= MAX_TOKENS) {
            return List.of(text);
        }
        int middle = text.length() / 2;
        int space = text.lastIndexOf(' ', middle);
        int cut = space > middle / 2 ? space + 1 : Character.isLowSurrogate(text.charAt(middle)) ? middle - 1 : middle;
        List<String> parts =
                new ArrayList<>(halves(text.substring(0, Math.max(1, cut)).strip()));
        parts.addAll(halves(text.substring(Math.max(1, cut))));
        parts.removeIf(String::isBlank);
        return parts;
    }
}
