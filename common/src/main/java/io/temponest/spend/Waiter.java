package io.temponest.spend;

import io.vertx.core.Promise;
import java.util.List;

/** A call that has no money yet; under the monitor of its {@link TenantMoney}, but for the promise. */
final class Waiter {

    private final SpendCall call;
    private final long arrivedAt;
    private final Promise<Taken> promise = Promise.promise();
    private List<Lease> leases = List.of();

    Waiter(SpendCall call, long arrivedAt) {
        this.call = call;
        this.arrivedAt = arrivedAt;
    }

    Promise<Taken> promise() {
        return promise;
    }

    SpendCall call() {
        return call;
    }

    long arrivedAt() {
        return arrivedAt;
    }

    long ceiling() {
        return call.ceiling().units();
    }

    /** The least that the call can be made with. */
    long need() {
        return Math.max(call.floor().units(), Math.min(ceiling(), 1));
    }

    List<Lease> leases() {
        return leases;
    }

    void leases(List<Lease> now) {
        leases.forEach(Lease::left);
        leases = now;
        leases.forEach(Lease::joined);
    }

    List<Lease> lacking() {
        return leases.stream().filter(lease -> lease.usable() < ceiling()).toList();
    }
}
