package io.temponest.spend;

import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The tenants that have something to ask of PostgreSQL; asked together, one transaction at a time. Adding is safe for any thread. */
final class Questions {

    private static final int MOST_AT_ONCE = 64;
    private static final Logger LOG = LoggerFactory.getLogger(Questions.class);

    private final LeaseStore leases;
    private final SpendMetrics metrics;
    private final Consumer<TenantMoney> starving;
    private final Set<TenantMoney> asking = ConcurrentHashMap.newKeySet();

    /** @param starving told of tenants whose calls wait though they asked */
    Questions(LeaseStore leases, SpendMetrics metrics, Consumer<TenantMoney> starving) {
        this.leases = leases;
        this.metrics = metrics;
        this.starving = starving;
    }

    /** False: it was there already. */
    boolean add(TenantMoney tenant) {
        return asking.add(tenant);
    }

    boolean isEmpty() {
        return asking.isEmpty();
    }

    /** Asks for some of them. Whether it succeeds or fails, they know what came of it. */
    Future<Void> ask() {
        Map<TenantId, TenantMoney> tenants = new HashMap<>();
        SortedMap<TenantId, List<LeaseWish>> wishes =
                new TreeMap<>(Comparator.comparing(tenant -> tenant.uuid().toString()));
        for (TenantMoney tenant : asking.stream().limit(MOST_AT_ONCE).toList()) {
            asking.remove(tenant);
            List<LeaseWish> wanted = tenant.wishes();
            if (!wanted.isEmpty()) {
                tenants.put(tenant.tenant(), tenant);
                wishes.put(tenant.tenant(), wanted);
            }
        }
        if (wishes.isEmpty()) {
            return Future.succeededFuture();
        }
        long start = System.nanoTime();
        return leases.ask(wishes)
                .onSuccess(standings -> {
                    metrics.leased(System.nanoTime() - start);
                    tenants.forEach((id, tenant) -> {
                        if (tenant.answered(standings.getOrDefault(id, List.of()))) {
                            starving.accept(tenant);
                        }
                    });
                })
                .onFailure(failure -> {
                    metrics.leaseFailed();
                    LOG.atWarn().addKeyValue("reason", failure.getMessage()).log("spend.money_not_asked");
                    tenants.forEach((id, tenant) -> tenant.unanswered(wishes.getOrDefault(id, List.of())));
                })
                .mapEmpty();
    }
}
