package io.temponest.run;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Locale;

/** The states of a run. A run in a terminal state never changes. */
public enum RunStatus {
    QUEUED(false),
    RUNNING(false),
    WAITING(false),
    SUCCEEDED(true),
    FAILED(true),
    CANCELLED(true),
    TIMED_OUT(true),
    DEAD(true);

    private final boolean terminal;

    RunStatus(boolean terminal) {
        this.terminal = terminal;
    }

    public boolean terminal() {
        return terminal;
    }

    @JsonCreator
    public static RunStatus parse(String text) {
        return valueOf(text.toUpperCase(Locale.ROOT));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
