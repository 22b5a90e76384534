package io.temponest.cli;

import java.util.Optional;

/** Makes events of the lines of an event stream (WHATWG HTML, section 9.2.6). */
final class SseEvents {

    private final StringBuilder data = new StringBuilder();
    private String id = "";
    private String type = "";

    /**
     * An event.
     *
     * @param id empty where the event has none
     */
    record Event(String id, String type, String data) {}

    /** @return the event that the line ends, if it does */
    Optional<Event> feed(String line) {
        if (line.isEmpty()) {
            return end();
        }
        int colon = line.indexOf(':');
        String field = colon < 0 ? line : line.substring(0, colon);
        String value = colon < 0 ? "" : line.substring(colon + (line.startsWith(" ", colon + 1) ? 2 : 1));
        switch (field) {
            case "id" -> id = value;
            case "event" -> type = value;
            case "data" -> data.append(data.isEmpty() ? "" : "\n").append(value);
            default -> {
                // a comment, or a field that is not known
            }
        }
        return Optional.empty();
    }

    private Optional<Event> end() {
        Optional<Event> event = data.isEmpty() ? Optional.empty() : Optional.of(new Event(id, type, data.toString()));
        id = "";
        type = "";
        data.setLength(0);
        return event;
    }
}
