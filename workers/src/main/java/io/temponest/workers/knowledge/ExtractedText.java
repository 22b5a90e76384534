package io.temponest.workers.knowledge;

import java.util.List;
import java.util.Optional;

/**
 * The text of a document, by page where it has pages.
 *
 * @param markdown whether lines that begin with # are headings and ``` fences code
 */
record ExtractedText(List<Part> parts, boolean markdown) {

    ExtractedText {
        parts = List.copyOf(parts);
    }

    /** @param page from 1, absent in documents without pages */
    record Part(Optional<Integer> page, String text) {}

    static ExtractedText of(String text, boolean markdown) {
        return new ExtractedText(List.of(new Part(Optional.empty(), text)), markdown);
    }
}
