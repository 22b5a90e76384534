package io.temponest.audit;

import io.temponest.audit.AuditEntry.Outcome;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * Which entries a list has.
 *
 * @param actor a person or a key
 * @param resource a resource's id, or its type
 * @param from the earliest, inclusive
 * @param to the end, exclusive
 */
public record AuditFilter(
        Optional<TypeId> actor,
        Optional<String> action,
        Optional<String> resource,
        Optional<Outcome> outcome,
        Optional<Instant> from,
        Optional<Instant> to) {

    public static final AuditFilter ALL = new AuditFilter(
            Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty(), Optional.empty());
}
