package io.temponest.gateway.audit;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.audit.AuditEntry.Outcome;
import io.temponest.audit.AuditFilter;
import io.temponest.audit.AuditRecord;
import io.temponest.audit.AuditStore;
import io.temponest.audit.Hash;
import io.temponest.error.ApiError;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Instant;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** The tenant's audit log: its entries, and whether their chain holds. */
public final class AuditEndpoints {

    private static final Set<String> OUTCOMES = Set.of("success", "failure");

    private final AuditStore store;
    private final Verification verification;

    public AuditEndpoints(AuditStore store, Vertx vertx) {
        this.store = store;
        this.verification = new Verification(store, vertx);
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.AUDIT_READ);
        return List.of(
                Endpoint.get("/v1/audit", read, this::list)
                        .with(Query.pageAnd("actor", "action", "resource", "outcome", "from", "to")),
                Endpoint.get("/v1/audit/verify", read, this::verify).with(Set.of("after")));
    }

    private record ActorView(
            Optional<TypeId> userId, Optional<TypeId> apiKeyId, Optional<String> address, Optional<String> userAgent) {}

    private record EntryView(
            TypeId id,
            String object,
            long seq,
            Instant createdAt,
            ActorView actor,
            String action,
            String resourceType,
            Optional<String> resourceId,
            Outcome outcome,
            JsonNode details,
            Hash prevHash,
            Hash hash) {

        static EntryView of(AuditRecord entry) {
            return new EntryView(
                    entry.id(),
                    "audit_entry",
                    entry.seq(),
                    entry.createdAt(),
                    new ActorView(
                            entry.actor().user(),
                            entry.actor().apiKey(),
                            entry.actor().address(),
                            entry.actor().userAgent()),
                    entry.action(),
                    entry.resourceType(),
                    entry.resourceId(),
                    entry.outcome(),
                    Json.tree(entry.details()),
                    entry.prevHash(),
                    entry.hash());
        }
    }

    private Future<Answer> list(Call call) {
        return store.list(call.tenant(), filter(call.query()), call.query().page(Kind.AUDIT_ENTRY))
                .map(page -> Answer.page(page, EntryView::of, view -> view.id().toString()));
    }

    private static AuditFilter filter(Query query) {
        return new AuditFilter(
                query.text("actor").map(AuditEndpoints::actor),
                query.text("action"),
                query.text("resource"),
                query.choice("outcome", OUTCOMES).map(text -> Outcome.valueOf(text.toUpperCase(Locale.ROOT))),
                query.time("from"),
                query.time("to"));
    }

    private static TypeId actor(String text) {
        return TypeId.parse(Kind.USER, text)
                .or(() -> TypeId.parse(Kind.API_KEY, text))
                .orElseThrow(() -> ApiError.invalid(
                                "actor", "invalid_value", "'actor' must be the id of a user or of an API key.")
                        .exception());
    }

    private Future<Answer> verify(Call call) {
        long after = call.query().number("after", 0, Long.MAX_VALUE).orElse(0L);
        return verification.run(call.tenant(), after, call.deadline()).map(Answer::ok);
    }
}
