package io.temponest.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Locale;

/** Tells a person what a start is at: a line per step, with the time that it took. Safe for use by several threads. */
final class Steps {

    private final PrintWriter out;

    Steps(PrintWriter out) {
        this.out = out;
    }

    /** @param since a value of {@link System#nanoTime()} */
    void done(String step, String words, long since) {
        Duration taken = Duration.ofNanos(System.nanoTime() - since);
        say("  %-9s %-48s %5.1f s".formatted(step, words, taken.toMillis() / 1000.0));
    }

    synchronized void say(String line) {
        out.println(line);
        out.flush();
    }

    static String seconds(Duration duration) {
        return String.format(Locale.ROOT, "%.1f s", duration.toMillis() / 1000.0);
    }
}
