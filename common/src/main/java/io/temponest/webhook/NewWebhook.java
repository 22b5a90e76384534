package io.temponest.webhook;

import java.time.Duration;
import java.util.List;

/**
 * An endpoint that somebody wants.
 *
 * @param url in order as far as can be said without asking a name server
 * @param events that it wants to hear of: types, {@code run.*} and the like, or {@code *}; 1 to 50
 * @param timeout for one attempt, 1 to 30 seconds
 */
public record NewWebhook(
        String name, String description, String url, List<String> events, Duration timeout, RetryPolicy retries) {

    public static final Duration TIMEOUT = Duration.ofSeconds(15);

    private static final int MOST_EVENTS = 50;
    private static final int MOST_SECONDS = 30;

    public NewWebhook {
        events = checked(events);
        timeout = checked(timeout);
    }

    static List<String> checked(List<String> events) {
        List<String> chosen = events.stream().distinct().toList();
        if (chosen.isEmpty() || chosen.size() > MOST_EVENTS || !chosen.stream().allMatch(EventType::isChoice)) {
            throw new IllegalArgumentException(
                    "events must be 1 to %d types of events, families such as run.*, or *".formatted(MOST_EVENTS));
        }
        return chosen;
    }

    static Duration checked(Duration timeout) {
        if (timeout.toSeconds() < 1 || timeout.toSeconds() > MOST_SECONDS) {
            throw new IllegalArgumentException("timeout_seconds must be from 1 to " + MOST_SECONDS);
        }
        return timeout;
    }
}
