package io.temponest.spend;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.stream.Collectors;

/** What a node holds of a tenant's hard budgets; under the monitor of its {@link TenantMoney}. */
final class Leases {

    private static final WaitingCalls.Lack NOTHING = new WaitingCalls.Lack(0, 0);

    private final Map<LeaseKey, Lease> leases = new HashMap<>();

    /** Those of the budgets that apply to a call, in the periods of its moment. */
    List<Lease> of(SpendCall call, List<HardBudget> budgets, long now) {
        List<Lease> of = new ArrayList<>(budgets.size());
        for (HardBudget budget : budgets) {
            if (budget.appliesTo(call.account())) {
                of.add(leases.computeIfAbsent(
                        new LeaseKey(budget.id(), budget.period().start(call.at())),
                        key -> new Lease(key, budget, now)));
            }
        }
        return of;
    }

    /** Follows changes of the budgets; what is held of one that is gone goes back. */
    void follow(List<HardBudget> budgets) {
        Map<UUID, HardBudget> byId = budgets.stream().collect(Collectors.toMap(HardBudget::id, Function.identity()));
        leases.forEach((key, lease) ->
                Optional.ofNullable(byId.get(key.budget())).ifPresentOrElse(lease::budget, lease::unwanted));
    }

    void forEach(Consumer<Lease> action) {
        leases.values().forEach(action);
    }

    boolean isEmpty() {
        return leases.isEmpty();
    }

    /** Whether one has something to ask though no call waits; those that are of no use any more are forgotten. */
    boolean ask(long now, long idleNanos) {
        leases.values().removeIf(lease -> lease.isForgotten(now, idleNanos));
        return leases.values().stream().anyMatch(lease -> lease.asks(now, idleNanos));
    }

    List<LeaseWish> wishes(Map<Lease, WaitingCalls.Lack> lacks, long now, long idleNanos) {
        return leases.values().stream()
                .flatMap(lease -> {
                    WaitingCalls.Lack lack = lacks.getOrDefault(lease, NOTHING);
                    return lease.wish(lack.least(), lack.need(), now, idleNanos).stream();
                })
                .toList();
    }

    void answered(List<LeaseStanding> standings, long now) {
        standings.forEach(standing ->
                Optional.ofNullable(leases.get(standing.key())).ifPresent(lease -> lease.answered(standing, now)));
    }

    void unanswered(List<LeaseWish> wishes) {
        wishes.forEach(wish -> Optional.ofNullable(leases.get(wish.key())).ifPresent(Lease::lost));
    }
}
