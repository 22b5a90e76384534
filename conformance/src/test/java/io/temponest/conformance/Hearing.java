package io.temponest.conformance;

import io.temponest.conformance.Seen.Thrown;
import java.util.Optional;

/** What has come of a stream. Not for several threads at once. */
final class Hearing {

    private final Ask ask;
    private final StringBuilder text = new StringBuilder();
    private Optional<Thrown> failed = Optional.empty();

    Hearing(Ask ask) {
        this.ask = ask;
    }

    void heard(String piece) {
        boolean first = text.isEmpty() && !piece.isEmpty();
        text.append(piece);
        if (first) {
            ask.first().run();
        }
    }

    /** A failure that the SDK tells without throwing. */
    void failed(Thrown how) {
        failed = Optional.of(how);
    }

    String text() {
        return text.toString();
    }

    Optional<Thrown> failed() {
        return failed;
    }
}
