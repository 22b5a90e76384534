package io.temponest.workers.run;

import java.time.Duration;

/**
 * Limits of a run worker.
 *
 * @param node how the session's row names this process
 * @param maxRunning runs executed at once
 * @param maxRecoveries a run that was recovered so often from lost workers is dead instead
 * @param drain how long model calls in progress may go on when the worker stops
 */
public record RunWorkerConfig(String node, int maxRunning, int maxRecoveries, Duration drain) {}
