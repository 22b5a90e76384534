package io.temponest.workers.run;

import io.temponest.workers.run.ClaimedRun.Lease;

/** The run is not ours any more: its epoch went up or it has ended. Nothing was written; the run must be dropped from memory. */
final class LeaseLostException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    LeaseLostException(Lease lease) {
        super("epoch %d of %s is over".formatted(lease.epoch(), lease.run()), null, false, false);
    }
}
