package io.temponest.spend;

import java.time.Instant;
import java.util.UUID;

/** A budget in one of its periods. */
record LeaseKey(UUID budget, Instant start) {}
