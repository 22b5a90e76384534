package io.temponest.model;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/**
 * Reads {@code text/event-stream} bytes in pieces of any size, as the WHATWG HTML standard (section 9.2.6) says: lines end
 * with LF, CR or CRLF, a byte order mark at the start is skipped, comments and unknown fields are ignored, an event without
 * data is dropped. Bytes become text only when a line is whole, so characters may be split anywhere. Not for several
 * threads.
 */
public final class SseParser {

    private static final int LF = '\n';
    private static final int CR = '\r';
    private static final byte[] BOM = {(byte) 0xEF, (byte) 0xBB, (byte) 0xBF};

    private final int limit;
    private final Consumer<Event> events;
    private final ByteArrayOutputStream line = new ByteArrayOutputStream(512);
    private final StringBuilder data = new StringBuilder();
    private String type = "";
    private boolean hasData;
    private boolean afterCr;
    private boolean firstLine = true;

    /** @param limit bytes of a line, and characters of an event's data, at most */
    public SseParser(int limit, Consumer<Event> events) {
        this.limit = limit;
        this.events = events;
    }

    /**
     * An event of the stream.
     *
     * @param type {@code message} where the stream names none
     */
    public record Event(String type, String data) {}

    /** The stream holds a line or an event above the limit. */
    public static final class TooLargeException extends RuntimeException {

        private static final long serialVersionUID = 1L;

        TooLargeException(int limit) {
            super("an event of the stream is larger than " + limit + " bytes");
        }
    }

    public void feed(byte[] bytes) {
        for (byte b : bytes) {
            if (b == LF && afterCr) {
                afterCr = false;
                continue;
            }
            afterCr = b == CR;
            if (b == LF || b == CR) {
                endLine();
            } else {
                line.write(b);
                if (line.size() > limit) {
                    throw new TooLargeException(limit);
                }
            }
        }
    }

    private void endLine() {
        byte[] bytes = line.toByteArray();
        line.reset();
        int start = firstLine && startsWithBom(bytes) ? BOM.length : 0;
        firstLine = false;
        String text = new String(bytes, start, bytes.length - start, StandardCharsets.UTF_8);
        if (text.isEmpty()) {
            dispatch();
            return;
        }
        int colon = text.indexOf(':');
        if (colon == 0) {
            return;
        }
        String field = colon < 0 ? text : text.substring(0, colon);
        String value = colon < 0 ? "" : text.substring(colon + (text.startsWith(" ", colon + 1) ? 2 : 1));
        if (field.equals("data")) {
            if (hasData) {
                data.append('\n');
            }
            hasData = true;
            data.append(value);
            if (data.length() > limit) {
                throw new TooLargeException(limit);
            }
        } else if (field.equals("event")) {
            type = value;
        }
    }

    private static boolean startsWithBom(byte[] bytes) {
        return bytes.length >= BOM.length && bytes[0] == BOM[0] && bytes[1] == BOM[1] && bytes[2] == BOM[2];
    }

    private void dispatch() {
        if (hasData) {
            events.accept(new Event(type.isEmpty() ? "message" : type, data.toString()));
        }
        data.setLength(0);
        hasData = false;
        type = "";
    }
}
