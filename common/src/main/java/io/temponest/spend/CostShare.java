package io.temponest.spend;

import java.util.Optional;

/**
 * The costs of one agent, project, user, key, model or provider.
 *
 * @param key its id as text, {@code provider/model}, or the provider's name; empty: calls that had none
 * @param slug of an agent or a project that is there still
 */
public record CostShare(Optional<String> key, Optional<String> slug, CostTotals totals) {}
