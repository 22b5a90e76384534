package io.temponest.spend;

import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Deque;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;

/**
 * The calls of a tenant that wait for money, in the order in which they came. Whoever waits for a budget is passed by those alone
 * that do not need it. Under the monitor of its {@link TenantMoney}; the answers that it returns are to be given outside.
 */
final class WaitingCalls {

    /** One more is unavailable at once. */
    private static final int MOST = 1_024;

    private static final long MOST_MONEY = 1_000_000_000_000_000_000L;

    private final Deque<Waiter> waiting = new ArrayDeque<>();

    /**
     * What calls lack of a budget.
     *
     * @param least what the first of them needs at least
     * @param need what all of them need
     */
    record Lack(long least, long need) {

        private Lack and(Lack later) {
            // Each is below 10^18, so one more than the bound does not overflow.
            return new Lack(least, Math.min(need + later.need, MOST_MONEY));
        }
    }

    boolean isFull() {
        return waiting.size() >= MOST;
    }

    boolean isEmpty() {
        return waiting.isEmpty();
    }

    void add(Waiter waiter) {
        waiting.add(waiter);
    }

    void forEach(Consumer<Waiter> action) {
        waiting.forEach(action);
    }

    /**
     * Gives the calls what can be decided.
     *
     * @param decide empty: the call goes on waiting
     */
    List<Runnable> serve(Function<Waiter, Optional<Taken>> decide) {
        List<Runnable> answers = new ArrayList<>();
        Set<Lease> contested = new HashSet<>();
        for (Iterator<Waiter> all = waiting.iterator(); all.hasNext(); ) {
            Waiter waiter = all.next();
            Optional<Taken> taken =
                    Collections.disjoint(contested, waiter.leases()) ? decide.apply(waiter) : Optional.empty();
            if (taken.isPresent()) {
                all.remove();
                answers.add(answer(waiter, taken.get()));
            } else {
                contested.addAll(waiter.lacking());
            }
        }
        return answers;
    }

    Map<Lease, Lack> lacks() {
        Map<Lease, Lack> lacks = new HashMap<>();
        for (Waiter waiter : waiting) {
            Lack lack = new Lack(waiter.need(), waiter.ceiling());
            waiter.lacking().forEach(lease -> lacks.merge(lease, lack, Lack::and));
        }
        return lacks;
    }

    /** Nobody can be asked: all that wait get to know. */
    List<Runnable> failAll() {
        List<Runnable> answers = new ArrayList<>();
        waiting.forEach(waiter -> answers.add(answer(waiter, new Taken.Unavailable())));
        waiting.clear();
        return answers;
    }

    /** Its time is over: what it lacks is not to be had, or nothing is known of it. */
    List<Runnable> giveUp(Waiter waiter) {
        if (!waiting.remove(waiter)) {
            return List.of();
        }
        return List.of(answer(
                waiter,
                waiter.lacking().stream()
                        .filter(Lease::known)
                        .findFirst()
                        .<Taken>map(lease -> new Taken.Refused(lease.budget()))
                        .orElseGet(Taken.Unavailable::new)));
    }

    private static Runnable answer(Waiter waiter, Taken taken) {
        waiter.leases(List.of());
        return () -> waiter.promise().complete(taken);
    }
}
