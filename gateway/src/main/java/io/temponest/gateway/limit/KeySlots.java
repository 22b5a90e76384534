package io.temponest.gateway.limit;

import io.temponest.identity.TypeId;
import java.util.concurrent.ConcurrentHashMap;

/** How many requests of each API key are in progress on this node. Safe for any thread. */
public final class KeySlots {

    private final ConcurrentHashMap<TypeId, Integer> inProgress = new ConcurrentHashMap<>();

    /** Takes a slot; false when the key has as many as it may. */
    public boolean enter(TypeId key, int most) {
        boolean[] entered = new boolean[1];
        inProgress.compute(key, (same, count) -> {
            int now = count == null ? 0 : count;
            entered[0] = now < most;
            return entered[0] ? Integer.valueOf(now + 1) : count;
        });
        return entered[0];
    }

    /** Leaves a slot that was entered. */
    public void leave(TypeId key) {
        inProgress.computeIfPresent(key, (same, count) -> count == 1 ? null : Integer.valueOf(count - 1));
    }
}
