package io.temponest.gateway.audit;

import io.temponest.audit.AuditChain;
import io.temponest.audit.AuditChain.Break;
import io.temponest.audit.AuditChain.Link;
import io.temponest.audit.AuditStore;
import io.temponest.audit.AuditStore.Head;
import io.temponest.bus.Deadline;
import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.Optional;

/** Computes a tenant's chain anew, page by page, off the event loop, and stops where the caller's time is nearly up. */
final class Verification {

    private static final int PAGE = 1_000;

    /** What the last page and the answer may still need. */
    private static final long RESERVE_MS = 2_000;

    private final AuditStore store;
    private final Vertx vertx;

    Verification(AuditStore store, Vertx vertx) {
        this.store = store;
        this.vertx = vertx;
    }

    /**
     * What was found.
     *
     * @param valid whether no break was found
     * @param complete whether the whole chain was followed; if not, go on after {@code lastSeq}
     * @param entries how many were followed
     * @param firstSeq more than 1 where older entries are not kept any more
     * @param head where the chain ends; its hash, noted elsewhere, proves later that nothing before it was changed
     */
    record Report(
            String object,
            boolean valid,
            boolean complete,
            long entries,
            Optional<Long> firstSeq,
            Optional<Long> lastSeq,
            Optional<Link> head,
            Optional<Long> brokenAt,
            Optional<String> reason) {

        static Report of(AuditChain chain, Optional<Link> head, boolean complete, Optional<Break> broken) {
            return new Report(
                    "audit_verification",
                    broken.isEmpty(),
                    complete,
                    chain.entries(),
                    chain.first().map(Link::seq),
                    chain.entries() == 0 ? Optional.empty() : chain.last().map(Link::seq),
                    head,
                    broken.map(Break::seq),
                    broken.map(Break::reason));
        }
    }

    /** @param after number of an entry that was verified before; 0 starts with the oldest */
    Future<Report> run(TenantId tenant, long after, Deadline deadline) {
        // The head first: what is appended meanwhile is not looked at.
        return store.head(tenant)
                .compose(head -> head.filter(Head::kept).isEmpty()
                        ? Future.succeededFuture(Report.of(
                                new AuditChain(Optional.empty()), head.map(Head::last), true, Optional.empty()))
                        : store.link(tenant, after)
                                .compose(before -> follow(
                                        new Walk(tenant, head.get().last(), new AuditChain(before), deadline),
                                        before.map(Link::seq).orElse(0L))));
    }

    private record Walk(TenantId tenant, Link head, AuditChain chain, Deadline deadline) {

        Report report(boolean complete, Optional<Break> broken) {
            return Report.of(chain, Optional.of(head), complete, broken);
        }
    }

    private Future<Report> follow(Walk walk, long reached) {
        if (walk.deadline().remainingMillis() < RESERVE_MS) {
            return Future.succeededFuture(walk.report(false, Optional.empty()));
        }
        return store.chain(walk.tenant(), reached, walk.head().seq(), PAGE)
                .compose(page -> vertx.executeBlocking(() -> walk.chain().follow(page), false)
                        .compose(broken -> {
                            if (broken.isPresent()) {
                                return Future.succeededFuture(walk.report(true, broken));
                            }
                            return page.size() < PAGE
                                    ? Future.succeededFuture(
                                            walk.report(true, walk.chain().end(walk.head())))
                                    : follow(walk, page.getLast().seq());
                        }));
    }
}
