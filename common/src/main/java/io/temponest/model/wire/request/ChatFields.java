package io.temponest.model.wire.request;

import java.util.Set;

/** What of a chat request no other API has. */
final class ChatFields {

    /**
     * Dropped without a word, because the answer means the same without them: hints for caches, billing and abuse
     * detection ({@code prompt_cache_key}, {@code prompt_cache_retention}, {@code service_tier}, {@code safety_identifier}
     * where there is no user field), predicted output (a matter of speed), {@code metadata} (of stored completions),
     * {@code stream_options} (of the translated stream), {@code top_logprobs} (says nothing unless {@code logprobs} asks)
     * and {@code seed} where there is none (OpenAI promises no more than its best effort).
     */
    static final Set<String> DROPPED = Set.of(
            "prompt_cache_key",
            "prompt_cache_retention",
            "service_tier",
            "prediction",
            "metadata",
            "stream_options",
            "safety_identifier",
            "user",
            "seed");

    /** Checked by {@link #refuse}, and of no further interest. */
    private static final Set<String> CHECKED =
            Set.of("n", "logprobs", "top_logprobs", "logit_bias", "modalities", "store", "verbosity");

    private ChatFields() {}

    /** Refuses what a provider that takes only these fields cannot do. */
    static void refuse(Fields body, Set<String> carried) {
        if (body.number("n").filter(n -> n.doubleValue() != 1).isPresent()) {
            throw body.refuse("n", "the provider gives one answer a request");
        }
        if (body.flag("logprobs").orElse(false)) {
            throw body.refuse("logprobs", "the provider gives no log probabilities");
        }
        if (body.object("logit_bias").filter(bias -> !bias.node().isEmpty()).isPresent()) {
            throw body.refuse("logit_bias", "the provider knows other tokens");
        }
        if (body.any("modalities")
                .filter(kinds -> kinds.size() != 1 || !kinds.path(0).asText().equals("text"))
                .isPresent()) {
            throw body.refuse("modalities", "the provider answers in text");
        }
        if (body.flag("store").orElse(false)) {
            throw body.refuse("store", "the provider keeps no answers");
        }
        if (body.text("verbosity").filter(how -> !how.equals("medium")).isPresent()) {
            throw body.refuse("verbosity", "the provider has no such setting; say it in a message");
        }
        Set<String> known = new java.util.HashSet<>(carried);
        known.addAll(CHECKED);
        body.only(known, DROPPED);
    }
}
