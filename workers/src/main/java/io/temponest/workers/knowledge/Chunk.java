package io.temponest.workers.knowledge;

import io.temponest.knowledge.Location;

/**
 * A part of a document's text that is embedded and found as one.
 *
 * @param text what is shown and quoted
 * @param location where it stands
 */
record Chunk(String text, Location location) {

    /** What is embedded: the heading tells what a passage is about that does not repeat it. */
    String embedded() {
        return location.heading().map(heading -> heading + "\n" + text).orElse(text);
    }
}
