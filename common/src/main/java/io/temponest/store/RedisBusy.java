package io.temponest.store;

/** Redis is there, and has not answered all that it was asked already; nothing happened. */
public final class RedisBusy extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RedisBusy() {
        super("Too many calls wait for Redis", null, false, false);
    }
}
