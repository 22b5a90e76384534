package io.temponest.run;

import io.temponest.error.ApiError;
import io.temponest.spend.Usage;
import java.time.Instant;
import java.util.Optional;

/**
 * A step of a run's journal: its intent and, once there is one, its result.
 *
 * @param status {@code running}, {@code succeeded} or {@code failed}
 */
public record RunStep(
        int seq,
        String kind,
        String name,
        String status,
        Instant startedAt,
        Optional<Instant> finishedAt,
        Optional<Usage> usage,
        Optional<ApiError> error) {}
