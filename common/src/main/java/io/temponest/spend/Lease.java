package io.temponest.spend;

import java.util.Optional;

/**
 * A node's money of one budget in one period, in hundred-millionths of a dollar; under the monitor of its {@link TenantMoney}.
 * {@code free + reserved + spent} is what PostgreSQL has it hold, or less while an answer is under way or was lost: what is
 * asked is always the whole amount, so that the next answer puts it right.
 */
final class Lease {

    /** A lease is filled up ahead only while this many calls' worth is left for others. */
    private static final int PLENTY = 16;

    private final LeaseKey key;
    private HardBudget budget;
    private long free;
    private long reserved;
    private long spent;
    private long kept;
    private long settled;
    private long available;
    private long lastCeiling;
    private long lastGrant;
    private long usedAt;
    private long answeredAt;
    private int users;
    private boolean known;
    private boolean unsure;
    private boolean unusable;
    private boolean unwanted;

    Lease(LeaseKey key, HardBudget budget, long now) {
        this.key = key;
        this.budget = budget;
        this.usedAt = now;
    }

    LeaseKey key() {
        return key;
    }

    HardBudget budget() {
        return budget;
    }

    /** Follows a change of the budget: of a lower limit nothing may be used that was taken under the higher one. */
    void budget(HardBudget changed) {
        unusable |= changed.limit().compareTo(budget.limit()) < 0;
        unwanted |= unusable;
        budget = changed;
    }

    void joined() {
        users++;
    }

    void left() {
        users--;
    }

    /** What may be reserved now. */
    long usable() {
        return unusable ? 0 : Math.max(0, free);
    }

    /** Whether settled calls alone leave less than this. */
    boolean leavesLessThan(long need) {
        return known && budget.limit().units() - settled - spent < need;
    }

    /** Whether PostgreSQL has said since then that no more is to be had. */
    boolean exhaustedSince(long moment) {
        return known && available == 0 && answeredAt - moment >= 0;
    }

    boolean known() {
        return known;
    }

    void reserve(long amount, long ceiling, long now) {
        free -= amount;
        reserved += amount;
        lastCeiling = Math.max(ceiling, 1);
        usedAt = now;
    }

    void release(long amount) {
        reserved -= amount;
        free += amount;
    }

    void settle(long granted, long cost, long now) {
        reserved -= granted;
        spent += cost;
        free += granted - cost;
        usedAt = now;
    }

    /** The ledger has it: PostgreSQL counts it as settled and no longer as held. */
    void written(long cost) {
        spent -= cost;
        settled += cost;
    }

    /** Nothing of it may be used until PostgreSQL has said what is still held. */
    void doubt() {
        unusable = true;
    }

    /** What nobody reserves here goes back. */
    void unwanted() {
        unwanted = true;
    }

    /** An answer did not come, so PostgreSQL may have more held here than is known. */
    void lost() {
        unsure = true;
    }

    private boolean low() {
        return known && !unusable && lastCeiling > 0 && free < lastGrant / 4 && available / PLENTY >= lastCeiling;
    }

    private boolean surplus(long now, long idleNanos) {
        return free > 0 && (unwanted || now - usedAt > idleNanos);
    }

    /** Whether there is something to ask at once, though no call waits. */
    boolean asksSoon(long now, long idleNanos) {
        return unusable || low() || surplus(now, idleNanos);
    }

    /** The same, in a while. */
    boolean asks(long now, long idleNanos) {
        return unsure || asksSoon(now, idleNanos);
    }

    /**
     * What to ask for now. A lease that has too little for those who wait gives back what it has with the same statement, so
     * that no two nodes keep from each other what helps neither.
     *
     * @param least what the first call that waits needs at least
     * @param need what all of them need; 0: none waits
     */
    Optional<LeaseWish> wish(long least, long need, long now, long idleNanos) {
        if (need == 0 && !asks(now, idleNanos)) {
            return Optional.empty();
        }
        boolean ahead = need == 0 && !surplus(now, idleNanos) && low();
        free = need == 0 && !surplus(now, idleNanos) ? Math.max(0, free) : 0;
        kept = free + reserved + spent;
        return Optional.of(new LeaseWish(key, kept, ahead ? 0 : least, ahead ? lastCeiling : need));
    }

    void answered(LeaseStanding standing, long now) {
        lastGrant = Math.max(0, standing.held() - kept);
        free += standing.held() - kept;
        settled = standing.settled();
        available = standing.available();
        answeredAt = now;
        known = true;
        unsure = false;
        unusable = false;
        unwanted = false;
    }

    /** Whether nothing is held and nobody has asked for a while; until then it is remembered how the budget stands. */
    boolean isForgotten(long now, long idleNanos) {
        boolean idle = now - usedAt > idleNanos && now - answeredAt > idleNanos;
        return idle && users == 0 && free == 0 && reserved == 0 && spent == 0 && !unsure;
    }
}
