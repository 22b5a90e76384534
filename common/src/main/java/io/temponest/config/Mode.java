package io.temponest.config;

/** What a process is for. */
public enum Mode {
    DEVELOPMENT,
    /** Refuses to start with what only a trial may have. */
    PRODUCTION
}
