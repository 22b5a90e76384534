package io.temponest.cli;

/** What a process may do of the whole. */
enum Part {
    GATEWAY,
    WORKERS
}
