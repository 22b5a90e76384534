package io.temponest.model.relay;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Reads lines of JSON in pieces of any size, as Ollama streams them. Not for several threads. */
final class Lines {

    private final int limit;
    private final Consumer<String> lines;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);

    /** @param limit bytes of a line at most */
    Lines(int limit, Consumer<String> lines) {
        this.limit = limit;
        this.lines = lines;
    }

    void feed(byte[] bytes) {
        for (byte b : bytes) {
            if (b == '\n') {
                end();
            } else {
                line.write(b);
                if (line.size() > limit) {
                    throw new IllegalArgumentException("a line of the stream is larger than " + limit + " bytes");
                }
            }
        }
    }

    /** The last line may have no end of its own. */
    void end() {
        String text = line.toString(StandardCharsets.UTF_8).strip();
        line.reset();
        if (!text.isEmpty()) {
            lines.accept(text);
        }
    }
}
