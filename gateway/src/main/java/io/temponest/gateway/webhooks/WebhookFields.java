package io.temponest.gateway.webhooks;

import io.temponest.egress.Destination;
import io.temponest.egress.EgressFailure;
import io.temponest.egress.EgressRules;
import io.temponest.gateway.http.Fields;
import io.temponest.webhook.NewWebhook;
import io.temponest.webhook.RetryPolicy;
import io.temponest.webhook.WebhookChanges;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** What a client says of a webhook. */
final class WebhookFields {

    private static final int LONGEST_NAME = 100;
    private static final int LONGEST_DESCRIPTION = 1_000;
    private static final int DAY_S = 86_400;
    private static final int WEEK_S = 7 * DAY_S;

    private WebhookFields() {}

    /** For a new one. */
    record Create(
            Optional<String> name,
            Optional<String> description,
            Optional<String> url,
            Optional<List<String>> events,
            Optional<Integer> timeoutSeconds,
            Optional<List<Integer>> retrySeconds) {

        NewWebhook webhook(EgressRules rules) {
            String called = Fields.text("name", name, LONGEST_NAME);
            String said = described(description).orElse("");
            String where = reachable(Fields.required("url", url), rules);
            List<String> chosen = Fields.required("events", events);
            return Fields.made(() -> new NewWebhook(
                    called,
                    said,
                    where,
                    chosen,
                    timeoutSeconds.map(Duration::ofSeconds).orElse(NewWebhook.TIMEOUT),
                    retrySeconds.map(RetryPolicy::ofSeconds).orElse(RetryPolicy.STANDARD)));
        }
    }

    /** For one that is there; what is absent stays. */
    record Change(
            Optional<String> name,
            Optional<String> description,
            Optional<String> url,
            Optional<List<String>> events,
            Optional<Integer> timeoutSeconds,
            Optional<List<Integer>> retrySeconds,
            Optional<Boolean> active) {

        WebhookChanges changes(EgressRules rules) {
            return Fields.made(() -> new WebhookChanges(
                    name.map(text -> Fields.text("name", Optional.of(text), LONGEST_NAME)),
                    described(description),
                    url.map(text -> reachable(text, rules)),
                    events,
                    timeoutSeconds.map(Duration::ofSeconds),
                    retrySeconds.map(RetryPolicy::ofSeconds),
                    active));
        }
    }

    /** For another secret. */
    record Rotate(Optional<Integer> overlapSeconds) {

        Duration overlap() {
            return Duration.ofSeconds(Fields.number("overlap_seconds", overlapSeconds, 0, WEEK_S, DAY_S));
        }
    }

    private static Optional<String> described(Optional<String> description) {
        if (description.filter(text -> text.length() > LONGEST_DESCRIPTION).isPresent()) {
            throw Fields.invalid("description", "must have at most %d characters".formatted(LONGEST_DESCRIPTION));
        }
        return description;
    }

    private static String reachable(String url, EgressRules rules) {
        try {
            Destination.parse(url, rules);
            return url;
        } catch (EgressFailure refused) {
            throw Fields.invalid("url", String.valueOf(refused.getMessage()));
        }
    }
}
