package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.PrintWriter;

/** Prints the text of a run as its events bring it. A step that is done again, on another worker, starts its text anew. */
final class Answer {

    private final PrintWriter out;
    private final StringBuilder text = new StringBuilder();
    private String lastSeen = "";
    private int step = -1;

    Answer(PrintWriter out) {
        this.out = out;
    }

    /** Takes an event. @return whether more are to come */
    boolean more(SseEvents.Event event) {
        if (!event.id().isEmpty()) {
            lastSeen = event.id();
        }
        return switch (event.type()) {
            case "delta" -> {
                add(Json.tree(event.data()));
                yield true;
            }
            case "run.succeeded", "run.failed", "run.cancelled", "run.timed_out", "run.dead" -> false;
            default -> true;
        };
    }

    private void add(JsonNode delta) {
        int offset = delta.path("offset").asInt();
        String piece = delta.path("text").asText();
        if (delta.path("seq").asInt() != step || (offset == 0 && !text.isEmpty())) {
            end();
            text.setLength(0);
            step = delta.path("seq").asInt();
        }
        int known = text.length() - offset;
        if (known >= 0 && known < piece.length()) {
            out.print(piece.substring(known));
            out.flush();
            text.append(piece, known, piece.length());
        }
    }

    /** Ends the line that is being printed, if any. */
    void end() {
        if (!text.isEmpty()) {
            out.println();
            out.flush();
        }
    }

    /** The id of the last durable event, to go on from. */
    String lastSeen() {
        return lastSeen;
    }

    String text() {
        return text.toString();
    }
}
