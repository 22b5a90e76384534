package io.temponest.spend;

import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The hard budgets of a tenant on this node: what the node holds of them, and the calls that wait for more. Safe for any thread;
 * answers are given outside the monitor.
 */
final class TenantMoney {

    private static final long FORGOTTEN_AFTER = 60_000_000_000L;

    private final TenantId tenant;
    private final Around around;
    private final Leases leases = new Leases();
    private final WaitingCalls waiting = new WaitingCalls();
    private volatile List<HardBudget> budgets = List.of();
    private volatile boolean loaded;
    private volatile long usedAt;
    private long revision;
    private boolean retired;

    TenantMoney(TenantId tenant, Around around) {
        this.tenant = tenant;
        this.around = around;
        this.usedAt = now();
    }

    TenantId tenant() {
        return tenant;
    }

    private long now() {
        return around.nanos().getAsLong();
    }

    /** Takes a call's money; empty: this was forgotten, ask the one in its place. */
    Optional<Future<Taken>> open(SpendCall call, Deadline deadline) {
        usedAt = now();
        if (loaded && !anyApplies(call)) {
            Hold free = new Hold(this, List.of(), call.ceiling().units());
            return Optional.of(Future.succeededFuture(new Taken.Held(free)));
        }
        Waiter waiter = new Waiter(call, usedAt);
        List<Runnable> answers;
        synchronized (this) {
            if (retired) {
                return Optional.empty();
            }
            if (waiting.isFull()) {
                return Optional.of(Future.succeededFuture(new Taken.Unavailable()));
            }
            waiter.leases(leases.of(call, budgets, usedAt));
            Optional<Taken> atOnce = loaded && waiting.isEmpty() ? decide(waiter) : Optional.empty();
            if (atOnce.isPresent()) {
                waiter.leases(List.of());
                return Optional.of(Future.succeededFuture(atOnce.get()));
            }
            waiting.add(waiter);
            answers = serve();
        }
        answers.forEach(Runnable::run);
        Future<Taken> taken = waiter.promise().future();
        if (!taken.isComplete()) {
            around.asks().accept(this);
            long wait = deadline.atMost(around.pace().longestWait()).remainingMillis();
            around.later().after(wait, () -> giveUp(waiter));
        }
        return Optional.of(taken);
    }

    private boolean anyApplies(SpendCall call) {
        for (HardBudget budget : budgets) {
            if (budget.appliesTo(call.account())) {
                return true;
            }
        }
        return false;
    }

    private void giveUp(Waiter waiter) {
        List<Runnable> answers = new ArrayList<>();
        synchronized (this) {
            answers.addAll(waiting.giveUp(waiter));
            answers.addAll(serve());
        }
        answers.forEach(Runnable::run);
    }

    private List<Runnable> serve() {
        return loaded && !waiting.isEmpty() ? waiting.serve(this::decide) : List.of();
    }

    private Optional<Taken> decide(Waiter waiter) {
        if (waiter.leases().isEmpty() || waiter.ceiling() == 0) {
            return Optional.of(new Taken.Held(reserve(waiter.leases(), waiter.ceiling(), waiter.ceiling())));
        }
        long grant = waiter.ceiling();
        boolean fits = true;
        for (Lease lease : waiter.leases()) {
            if (lease.leavesLessThan(waiter.need())) {
                return Optional.of(new Taken.Refused(lease.budget()));
            }
            long usable = lease.usable();
            fits &= usable >= waiter.ceiling() || (usable >= waiter.need() && lease.exhaustedSince(waiter.arrivedAt()));
            grant = Math.min(grant, usable);
        }
        if (!around.alive().getAsBoolean()) {
            return Optional.of(new Taken.Unavailable());
        }
        return fits ? Optional.of(new Taken.Held(reserve(waiter.leases(), grant, waiter.ceiling()))) : Optional.empty();
    }

    private Hold reserve(List<Lease> from, long grant, long ceiling) {
        from.forEach(Lease::joined);
        take(from, grant, ceiling);
        return new Hold(this, from, grant);
    }

    private void take(List<Lease> from, long amount, long ceiling) {
        long now = now();
        from.forEach(lease -> lease.reserve(amount, ceiling, now));
        askAhead(from, now);
    }

    private void askAhead(List<Lease> of, long now) {
        boolean asks = false;
        for (Lease lease : of) {
            asks |= lease.asksSoon(now, around.idleNanos());
        }
        if (asks) {
            around.asks().accept(this);
        }
    }

    /** Takes more for a call that is open, under this monitor; all of it or nothing. */
    boolean takeMore(List<Lease> from, long more) {
        boolean fits = from.stream().allMatch(lease -> lease.usable() >= more);
        if (fits && !from.isEmpty() && around.alive().getAsBoolean()) {
            take(from, more, more);
            return true;
        }
        return from.isEmpty();
    }

    void settled(Hold hold, long cost) {
        List<Runnable> answers;
        synchronized (this) {
            long now = now();
            for (Lease lease : hold.leases()) {
                lease.settle(hold.granted(), cost, now);
                lease.left();
            }
            answers = serve();
            askAhead(hold.leases(), now);
        }
        answers.forEach(Runnable::run);
    }

    synchronized void written(List<Lease> by, long cost) {
        by.forEach(lease -> lease.written(cost));
    }

    /**
     * Follows the budgets as they are now.
     *
     * @param asked a number that grows with each question, so that an answer that was overtaken is known
     */
    void budgets(List<HardBudget> now, long asked) {
        List<Runnable> answers;
        synchronized (this) {
            if (asked < revision) {
                return;
            }
            revision = asked;
            if (!loaded || !now.equals(budgets)) {
                budgets = List.copyOf(now);
                loaded = true;
                leases.follow(budgets);
                waiting.forEach(waiter -> waiter.leases(leases.of(waiter.call(), budgets, now())));
            }
            answers = serve();
        }
        answers.forEach(Runnable::run);
        askIfNeeded();
    }

    /** What to ask of PostgreSQL now; each is to be answered, or said to be {@link #unanswered}. */
    synchronized List<LeaseWish> wishes() {
        return leases.wishes(waiting.lacks(), now(), around.idleNanos());
    }

    /**
     * Follows what PostgreSQL said.
     *
     * @return whether calls wait still
     */
    boolean answered(List<LeaseStanding> standings) {
        List<Runnable> answers;
        boolean wait;
        synchronized (this) {
            leases.answered(standings, now());
            answers = serve();
            wait = !waiting.isEmpty();
        }
        answers.forEach(Runnable::run);
        return wait;
    }

    /** PostgreSQL could not be asked. */
    void unanswered(List<LeaseWish> wishes) {
        List<Runnable> answers;
        synchronized (this) {
            leases.unanswered(wishes);
            answers = waiting.failAll();
        }
        answers.forEach(Runnable::run);
    }

    /** The budgets could not be read; once they were, what was read last holds. */
    void unavailable() {
        if (!loaded) {
            unanswered(List.of());
        }
    }

    /** This node may have been taken for dead: nothing that it holds is certain. */
    synchronized void doubt() {
        leases.forEach(Lease::doubt);
    }

    /** Others need what lies idle here. */
    void wantedElsewhere() {
        synchronized (this) {
            leases.forEach(Lease::unwanted);
        }
        askIfNeeded();
    }

    void askIfNeeded() {
        boolean asks;
        synchronized (this) {
            asks = leases.ask(now(), around.idleNanos()) || !waiting.isEmpty();
        }
        if (asks) {
            around.asks().accept(this);
        }
    }

    /** Whether nobody has come for a minute, so that this may be forgotten; whoever comes later is told. */
    synchronized boolean retire() {
        retired = waiting.isEmpty() && leases.isEmpty() && now() - usedAt > FORGOTTEN_AFTER;
        return retired;
    }
}
