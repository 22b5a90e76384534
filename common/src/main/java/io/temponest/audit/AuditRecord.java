package io.temponest.audit;

import io.temponest.audit.AuditEntry.Outcome;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * An entry as it is kept.
 *
 * @param seq its place in the tenant's chain, from 1
 * @param details JSON as PostgreSQL writes it out: the text that was hashed
 * @param prevHash hash of the entry before, 32 zero bytes for the first
 * @param hash of this entry, by {@link AuditChain}
 */
public record AuditRecord(
        TenantId tenant,
        long seq,
        TypeId id,
        Instant createdAt,
        Actor actor,
        String action,
        String resourceType,
        Optional<String> resourceId,
        Outcome outcome,
        String details,
        Hash prevHash,
        Hash hash) {}
