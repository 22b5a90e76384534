package io.temponest.spend;

import java.util.List;

/** Money that is reserved for a call in every hard budget that applies; none may. Safe for any thread. */
final class Hold {

    private final TenantMoney money;
    private final List<Lease> leases;
    private long granted;

    /** @param leases from which the money was taken already */
    Hold(TenantMoney money, List<Lease> leases, long granted) {
        this.money = money;
        this.leases = leases;
        this.granted = granted;
    }

    List<Lease> leases() {
        return leases;
    }

    long granted() {
        synchronized (money) {
            return granted;
        }
    }

    boolean hard() {
        return !leases.isEmpty();
    }

    boolean extend(long more) {
        synchronized (money) {
            if (!money.takeMore(leases, more)) {
                return false;
            }
            granted += more;
            return true;
        }
    }

    /** The call was not made after all. */
    void release() {
        if (hard()) {
            money.settled(this, 0);
        }
    }

    void settle(long cost) {
        if (hard()) {
            money.settled(this, cost);
        }
    }

    /** The ledger has the settlement. */
    void written(long cost) {
        if (hard()) {
            money.written(leases, cost);
        }
    }
}
