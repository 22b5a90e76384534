package io.temponest.gateway.change;

import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.audit.AuditEntry;
import io.temponest.audit.AuditStore;
import io.temponest.crypto.SecretBox;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.idempotency.IdempotencyStore;
import io.temponest.idempotency.KeptAnswer;
import io.temponest.idempotency.RepeatableRequest;
import io.temponest.identity.TenantId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.sqlclient.SqlConnection;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The way of every request that changes something: what it does, the audit entries of it, and the answer that is kept for its
 * Idempotency-Key are one transaction, so all of them are there or none.
 */
public final class Changes {

    private static final Logger LOG = LoggerFactory.getLogger(Changes.class);

    static final String REPLAYED = "idempotency-replayed";

    private final Postgres postgres;
    private final IdempotencyStore keys;
    private final SecretBox box;
    private final MeterRegistry metrics;

    public Changes(Postgres postgres, IdempotencyStore keys, SecretBox box, MeterRegistry metrics) {
        this.postgres = postgres;
        this.keys = keys;
        this.box = box;
        this.metrics = metrics;
    }

    /** What is done in the transaction: it calls nothing but the database, and its failure undoes everything. */
    public interface Work {
        Future<Made> in(SqlConnection sql);
    }

    /** For an endpoint that creates: the same request with the same Idempotency-Key is answered what it was answered first. */
    public Future<Answer> create(Call call, Work work) {
        return Fingerprint.of(call)
                .compose(request ->
                        request.isPresent() ? once(call.tenant(), request.get(), work) : change(call.tenant(), work));
    }

    /** For an endpoint that changes or deletes. */
    public Future<Answer> change(Call call, Work work) {
        return change(call.tenant(), work);
    }

    /** The same where the tenant is known only from what the request holds. */
    public Future<Answer> change(TenantId tenant, Work work) {
        return postgres.inTenant(tenant, sql -> audited(sql, work)).map(Changes::done);
    }

    /** What was done stays done: what fails afterwards is logged, and the answer is that of what was done. */
    private static Answer done(Made made) {
        try {
            made.afterwards().run();
        } catch (RuntimeException e) {
            LOG.atError().setCause(e).log("change.afterwards_failed");
        }
        return made.answer();
    }

    private Future<Made> audited(SqlConnection sql, Work work) {
        return work.in(sql).compose(made -> {
            Future<Void> appended = Future.succeededFuture();
            for (AuditEntry entry : made.entries()) {
                appended = appended.compose(done -> AuditStore.append(sql, entry));
            }
            return appended.map(made);
        });
    }

    private Future<Answer> once(TenantId tenant, RepeatableRequest request, Work work) {
        return postgres.inTenant(
                        tenant,
                        sql -> keys.take(sql, request)
                                .compose(kept -> kept.isPresent()
                                        ? Future.succeededFuture(Made.of(replayed(tenant, request, kept.get())))
                                        : audited(sql, work)
                                                .compose(made -> keys.keep(sql, request, kept(tenant, request, made))
                                                        .map(made))))
                .onSuccess(made -> metrics.counter(
                                "temponest_idempotent_requests",
                                List.of(io.micrometer.core.instrument.Tag.of(
                                        "answer", made.answer() instanceof Answer.Kept ? "replayed" : "new")))
                        .increment())
                .map(Changes::done);
    }

    private KeptAnswer kept(TenantId tenant, RepeatableRequest request, Made made) {
        return switch (made.answer()) {
            case Answer.Json(int status, Object body, var headers) -> {
                Map<String, String> all = new HashMap<>(headers);
                all.put("content-type", "application/json");
                byte[] json = Buffer.buffer(io.temponest.json.Json.text(body)).getBytes();
                byte[] bytes = made.secret() ? box.seal(json, context(tenant, request)) : json;
                yield new KeptAnswer(status, all, Optional.of(Buffer.buffer(bytes)), made.secret());
            }
            case Answer.Empty() -> new KeptAnswer(204, Map.of(), Optional.empty(), false);
            case Answer.Kept other -> throw new IllegalStateException("a change does not make an answer that is kept");
            case Answer.Ready other -> throw new IllegalStateException("a change makes no ready text");
            case Answer.SeeOther other -> throw new IllegalStateException("a redirection cannot be kept");
            case Answer.Download other -> throw new IllegalStateException("a change makes no download");
            case Answer.Events other -> throw new IllegalStateException("a stream cannot be kept");
        };
    }

    private Answer replayed(TenantId tenant, RepeatableRequest request, KeptAnswer kept) {
        Map<String, String> headers = new HashMap<>(kept.headers());
        headers.put(REPLAYED, "true");
        Optional<Buffer> body = kept.sealed()
                ? kept.body().map(text -> Buffer.buffer(box.open(text.getBytes(), context(tenant, request))))
                : kept.body();
        return new Answer.Kept(kept.status(), headers, body);
    }

    /** A sealed answer cannot be moved to another's key. */
    private static String context(TenantId tenant, RepeatableRequest request) {
        return tenant + "/" + request.context();
    }
}
