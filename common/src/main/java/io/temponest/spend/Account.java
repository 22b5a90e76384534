package io.temponest.spend;

import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.util.Optional;

/**
 * Whom a call is charged to; budgets of any of these apply to it.
 *
 * @param step the number of the run's step
 */
public record Account(
        TenantId tenant,
        Optional<TypeId> run,
        Optional<Integer> step,
        Optional<TypeId> agent,
        Optional<TypeId> project,
        Optional<TypeId> user,
        Optional<TypeId> apiKey) {}
