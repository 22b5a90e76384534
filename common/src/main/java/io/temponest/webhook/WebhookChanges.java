package io.temponest.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What is to change in an endpoint; empty: stays. */
public record WebhookChanges(
        Optional<String> name,
        Optional<String> description,
        Optional<String> url,
        Optional<List<String>> events,
        Optional<Duration> timeout,
        Optional<RetryPolicy> retries,
        Optional<Boolean> active) {

    public WebhookChanges {
        events = events.map(NewWebhook::checked);
        timeout = timeout.map(NewWebhook::checked);
    }

    public boolean isEmpty() {
        return name.isEmpty()
                && description.isEmpty()
                && url.isEmpty()
                && events.isEmpty()
                && timeout.isEmpty()
                && retries.isEmpty()
                && active.isEmpty();
    }
}
