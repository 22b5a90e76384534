package io.temponest.spend;

import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.spend.SpendAddresses.BudgetsChanged;
import io.temponest.spend.SpendAddresses.MoneyWanted;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.eventbus.MessageConsumer;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;

/** The door to the money of model calls: reserve, call, settle. Safe for any context; futures complete on the caller's. */
public final class Spending {

    private static final int STOP_POLL_MILLIS = 5;

    private final Vertx vertx;
    private final SpendPace pace;
    private final SpendMetrics metrics;
    private final Journal journal;
    private final OpenCalls calls;
    private final NodeStore nodes;
    private final Flusher flusher;
    private final Heartbeat heartbeat;
    private final Tenants tenants;
    private final Adoption adoption;
    private final List<MessageConsumer<?>> ears = new ArrayList<>();
    private final AtomicBoolean stopped = new AtomicBoolean();

    /** What a node is made of. */
    record Setup(Vertx vertx, Bus bus, Postgres postgres, Path dataDir, MeterRegistry metrics, InstantSource clock) {}

    private record Journals(Journal own, List<Journal> adopted) {}

    private Spending(Setup setup, SpendPace pace, Journal journal) {
        this.vertx = setup.vertx();
        this.pace = pace;
        this.journal = journal;
        UUID node = journal.node();
        metrics = new SpendMetrics(setup.metrics());
        metrics.showJournal(journal::taken);
        calls = new OpenCalls(journal, new Slots(journal, this::later, pace), metrics);
        nodes = new NodeStore(setup.postgres());
        LeaseStore leases = new LeaseStore(setup.postgres(), node);
        flusher = new Flusher(
                vertx,
                new Flusher.Wiring(
                        new LedgerStore(setup.postgres(), node),
                        new Questions(leases, metrics, tenant -> starving(setup.bus(), tenant)),
                        metrics,
                        () -> calls.openSince(setup.clock().instant().minus(pace.reserveAfter()))),
                pace);
        heartbeat = new Heartbeat(new Heartbeat.Node(node, nodes, metrics), pace, System::nanoTime, this::doubt);
        tenants = new Tenants(leases, new Around(System::nanoTime, heartbeat::alive, flusher::ask, this::later, pace));
        adoption = new Adoption(vertx, flusher, nodes, setup.clock());
        ears.add(setup.bus().hear(SpendAddresses.BUDGETS_CHANGED, this::budgetsChanged));
        ears.add(setup.bus().hear(SpendAddresses.MONEY_WANTED, this::moneyWanted));
    }

    /**
     * Makes this process's journal in {@code <dataDir>/spend} and takes over those of processes that died.
     *
     * @return fails when the folder cannot be written; PostgreSQL need not be there yet
     */
    public static Future<Spending> start(Vertx vertx, Bus bus, Postgres postgres, Path dataDir, MeterRegistry metrics) {
        return start(new Setup(vertx, bus, postgres, dataDir, metrics, InstantSource.system()), SpendPace.STANDARD);
    }

    static Future<Spending> start(Setup setup, SpendPace pace) {
        return setup.vertx()
                .executeBlocking(() -> journals(setup.dataDir().resolve("spend")))
                .compose(journals -> {
                    Spending spending = new Spending(setup, pace, journals.own());
                    journals.adopted().forEach(spending.adoption::adopt);
                    spending.every(pace.budgetsEvery(), spending.tenants::loadAll);
                    spending.every(pace.reserveAfter(), spending.flusher::reserve);
                    return spending.heartbeat.beat().map(first -> {
                        spending.every(pace.heartbeatEvery(), spending.heartbeat::beat);
                        return spending;
                    });
                });
    }

    private static Journals journals(Path folder) throws IOException {
        Files.createDirectories(folder);
        List<Journal> adopted = Adoption.find(folder);
        return new Journals(Journal.create(folder, new Ids().next(Kind.SESSION).uuid()), adopted);
    }

    /** Does something again and again until the stop, never twice at once. */
    private void every(Duration pause, Supplier<Future<Void>> action) {
        later(pause.toMillis(), () -> {
            if (!stopped.get()) {
                action.get().onComplete(done -> every(pause, action));
            }
        });
    }

    private void later(long millis, Runnable action) {
        vertx.setTimer(Math.max(1, millis), due -> action.run());
    }

    /** Its calls wait though it asked: others may have what they do not need. */
    private void starving(Bus bus, TenantMoney tenant) {
        bus.nudgeAll(SpendAddresses.MONEY_WANTED, new MoneyWanted(tenant.tenant(), journal.node()));
        later(pace.askAgain().toMillis(), tenant::askIfNeeded);
    }

    private void doubt() {
        tenants.doubt();
    }

    private void budgetsChanged(BudgetsChanged told) {
        tenants.load(Set.of(told.tenant()));
    }

    private void moneyWanted(MoneyWanted told) {
        if (!told.node().equals(journal.node())) {
            tenants.wantedElsewhere(told.tenant());
        }
    }

    /** Knows of a change of a tenant's budgets when the future completes. Never fails: what is not read now is read soon. */
    public Future<Void> follow(TenantId tenant) {
        return tenants.load(Set.of(tenant)).otherwiseEmpty();
    }

    /**
     * Reserves a call's money in all hard budgets that apply to it and writes it down on this machine. Without a hard budget,
     * or with enough at hand, this completes at once, unless the ledger is thousands of calls behind. Never fails.
     *
     * @param deadline until when it may wait for other calls to give back what they reserved, and for the ledger; at most 5
     *     seconds each
     */
    public Future<SpendOutcome> open(SpendCall call, Deadline deadline) {
        if (stopped.get()) {
            return Future.succeededFuture(new SpendOutcome.Unavailable());
        }
        Future<SpendOutcome> outcome = tenants.open(call, deadline)
                .compose(taken -> outcome(call, taken, deadline))
                .onSuccess(metrics::asked);
        // What another call's end has decided comes on its context: come back to the caller's.
        return outcome.isComplete()
                ? outcome
                : Future.fromCompletionStage(outcome.toCompletionStage(), vertx.getOrCreateContext());
    }

    private Future<SpendOutcome> outcome(SpendCall call, Taken taken, Deadline deadline) {
        return switch (taken) {
            case Taken.Held(Hold hold) -> opened(call, hold, deadline);
            case Taken.Refused(HardBudget by) -> Future.succeededFuture(by.refusal());
            case Taken.Unavailable() -> Future.succeededFuture(new SpendOutcome.Unavailable());
        };
    }

    private Future<SpendOutcome> opened(SpendCall call, Hold hold, Deadline deadline) {
        return calls.open(call, hold, deadline, flusher::add)
                .map(ticket -> ticket.<SpendOutcome>map(SpendOutcome.Opened::new)
                        .orElseGet(() -> {
                            hold.release();
                            return new SpendOutcome.Unavailable();
                        }));
    }

    /** Opens nothing any more, writes what is settled to the ledger for at most five seconds, and gives the rest back. */
    public Future<Void> stop() {
        if (!stopped.compareAndSet(false, true)) {
            return Future.succeededFuture();
        }
        tenants.close();
        Promise<Boolean> flushed = Promise.promise();
        awaitFlush(Deadline.after(pace.stopWithin()), flushed);
        return flushed.future()
                .compose(all -> Future.join(
                                ears.stream().map(MessageConsumer::unregister).toList())
                        .transform(done -> all ? nodes.bury(journal.node(), true) : Future.succeededFuture(0)))
                .transform(buried -> vertx.executeBlocking(() -> {
                    adoption.stop();
                    if (buried.succeeded() && journal.taken() == 0) {
                        journal.delete();
                    } else {
                        journal.close();
                    }
                    return null;
                }));
    }

    /** Calls that are open still have until then to be settled. */
    private void awaitFlush(Deadline deadline, Promise<Boolean> flushed) {
        if ((journal.taken() == 0 && flusher.isIdle()) || deadline.passed()) {
            flushed.complete(journal.taken() == 0 && flusher.isIdle());
        } else {
            later(STOP_POLL_MILLIS, () -> awaitFlush(deadline, flushed));
        }
    }
}
