package io.temponest.store;

/** Redis does not answer, or did not when it was last asked; nothing is known to have happened. */
public final class RedisAway extends RuntimeException {

    private static final long serialVersionUID = 1L;

    RedisAway() {
        super("Redis is away", null, false, false);
    }
}
