package io.temponest.gateway.limit;

import java.util.TreeMap;

/**
 * An exact sliding window: what was granted is counted in the slot of its time, and a slot counts until a whole window and the
 * life of a lease have passed since its end. So no window of the limit's length ever holds more than the limit, wherever it
 * begins, and whenever within a lease's life a permit is used. {@link RedisWindows} has the same in Lua. Safe for any thread.
 */
final class Window {

    private final TreeMap<Long, Integer> slots = new TreeMap<>();
    private long used;

    /**
     * What a window answers.
     *
     * @param granted 0 when it refuses
     * @param slot in which it is counted
     * @param remaining what is left for others
     * @param retryMillis until there is enough for what was refused; 0 where there never will be
     * @param resetMillis until the window is empty
     */
    record Taken(int granted, long slot, int remaining, long retryMillis, long resetMillis) {}

    /**
     * Takes permits.
     *
     * @param now milliseconds of any clock that does not go back
     * @param least what is needed now
     * @param most what would be useful; of a window that is nearly used up only half of what is left beyond the least
     */
    synchronized Taken take(long now, Quota quota, int least, int most) {
        long slot = now / quota.slotMillis();
        forgetBefore(slot - quota.counted() + 1);
        long free = quota.limit() - used;
        if (free < least) {
            return new Taken(0, slot, (int) Math.max(0, free), retry(now, quota, least - free), reset(now, quota));
        }
        int granted = free >= most ? most : (int) (least + (free - least) / 2);
        slots.merge(slot, granted, Integer::sum);
        used += granted;
        return new Taken(granted, slot, (int) (free - granted), 0, reset(now, quota));
    }

    private void forgetBefore(long oldest) {
        while (!slots.isEmpty() && slots.firstKey() < oldest) {
            used -= slots.pollFirstEntry().getValue();
        }
    }

    private long retry(long now, Quota quota, long missing) {
        long left = missing;
        for (var slot : slots.entrySet()) {
            left -= slot.getValue();
            if (left <= 0) {
                return (slot.getKey() + quota.counted()) * quota.slotMillis() - now;
            }
        }
        return 0;
    }

    private long reset(long now, Quota quota) {
        return slots.isEmpty() ? 0 : (slots.lastKey() + quota.counted()) * quota.slotMillis() - now;
    }

    /** Takes back what was granted in a slot and not used. */
    synchronized void giveBack(long slot, int permits) {
        Integer there = slots.get(slot);
        if (there != null) {
            int back = Math.min(there, permits);
            used -= back;
            if (back == there) {
                slots.remove(slot);
            } else {
                slots.put(slot, there - back);
            }
        }
    }
}
