package io.temponest.spend;

import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tenants whose calls this node has lately opened, with their hard budgets. Safe for any thread. */
final class Tenants {

    private static final Logger LOG = LoggerFactory.getLogger(Tenants.class);

    private final LeaseStore store;
    private final Around around;
    private final Map<TenantId, TenantMoney> tenants = new ConcurrentHashMap<>();
    private final AtomicLong questions = new AtomicLong();

    Tenants(LeaseStore store, Around around) {
        this.store = store;
        this.around = around;
    }

    Future<Taken> open(SpendCall call, Deadline deadline) {
        TenantId tenant = call.account().tenant();
        while (true) {
            Optional<TenantMoney> known = Optional.ofNullable(tenants.get(tenant));
            TenantMoney money =
                    known.orElseGet(() -> tenants.computeIfAbsent(tenant, fresh -> new TenantMoney(fresh, around)));
            Optional<Future<Taken>> taken = money.open(call, deadline);
            if (known.isEmpty()) {
                load(Set.of(tenant));
            }
            if (taken.isPresent()) {
                return taken.get();
            }
            tenants.remove(tenant, money);
        }
    }

    /** Reads the budgets of tenants again, those that are known here. */
    Future<Void> load(Collection<TenantId> wanted) {
        List<TenantId> known = wanted.stream().filter(tenants::containsKey).toList();
        if (known.isEmpty()) {
            return Future.succeededFuture();
        }
        long question = questions.incrementAndGet();
        return store.budgets(known)
                .onSuccess(all -> {
                    Map<TenantId, List<HardBudget>> byTenant =
                            all.stream().collect(Collectors.groupingBy(HardBudget::tenant));
                    known.forEach(tenant ->
                            with(tenant, money -> money.budgets(byTenant.getOrDefault(tenant, List.of()), question)));
                })
                .onFailure(failure -> {
                    LOG.atWarn().addKeyValue("reason", failure.getMessage()).log("spend.budgets_not_read");
                    known.forEach(tenant -> with(tenant, TenantMoney::unavailable));
                })
                .mapEmpty();
    }

    private void with(TenantId tenant, Consumer<TenantMoney> action) {
        Optional.ofNullable(tenants.get(tenant)).ifPresent(action);
    }

    Future<Void> loadAll() {
        tenants.entrySet().removeIf(entry -> entry.getValue().retire());
        tenants.values().forEach(TenantMoney::askIfNeeded);
        return load(tenants.keySet());
    }

    /** Another node has calls that wait. */
    void wantedElsewhere(TenantId tenant) {
        with(tenant, TenantMoney::wantedElsewhere);
    }

    /** This node may have been taken for dead meanwhile. */
    void doubt() {
        tenants.values().forEach(TenantMoney::doubt);
    }

    /** Nobody waits any more. */
    void close() {
        tenants.values().forEach(money -> money.unanswered(List.of()));
    }
}
