package io.temponest.spend;

import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Optional;

/**
 * A row of the usage ledger.
 *
 * @param status {@code succeeded}, {@code failed}, {@code cancelled} or {@code lost}
 * @param createdAt when the call was opened
 */
public record LedgerEntry(
        TypeId id,
        Optional<TypeId> run,
        Optional<Integer> step,
        Optional<TypeId> agent,
        Optional<TypeId> project,
        Optional<TypeId> user,
        Optional<TypeId> apiKey,
        String provider,
        String model,
        String status,
        Usage usage,
        Usd costUsd,
        int latencyMs,
        Instant createdAt) {}
