package io.temponest.knowledge;

import java.util.Optional;

/**
 * Where in its document a passage stands.
 *
 * @param page from 1, in documents that have pages
 * @param startLine first line, from 1, in the extracted text; of its page where there are pages
 * @param endLine last line, inclusive
 * @param heading the heading that it stands under, if the document has any
 */
public record Location(Optional<Integer> page, int startLine, int endLine, Optional<String> heading) {}
