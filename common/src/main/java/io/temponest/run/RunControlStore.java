package io.temponest.run;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlConnection;
import io.vertx.sqlclient.Tuple;
import java.util.Optional;

/** What operators do with the runs of their tenant, each in the caller's transaction. The words are the database's. */
public final class RunControlStore {

    private static final String PAUSE = "select word, executed_by from run_pause($1, $2)";
    private static final String RESUME = "select run_resume($1) as word";
    private static final String AGAIN = "select run_again($1, $2, $3, $4, $5, $6, $7, $8) as word";

    private final Ids ids;

    public RunControlStore(Ids ids) {
        this.ids = ids;
    }

    /**
     * What came of it.
     *
     * @param executedBy the session that executes the run and has to be told
     */
    public record Paused(String word, Optional<TypeId> executedBy) {}

    /** Holds a run back: {@code paused}, {@code already}, {@code over} or {@code not_found}. */
    public Future<Paused> pause(SqlConnection sql, Principal by, TypeId run) {
        return sql.preparedQuery(PAUSE)
                .execute(Tuple.of(run.uuid(), by.user().map(TypeId::uuid).orElse(null)))
                .map(rows -> {
                    Row row = rows.iterator().next();
                    return new Paused(
                            row.getString("word"),
                            Optional.ofNullable(row.getUUID("executed_by"))
                                    .map(session -> new TypeId(Kind.SESSION, session)));
                });
    }

    /** Lets a paused run go on: {@code resumed}, {@code not_paused}, {@code over} or {@code not_found}. */
    public Future<String> resume(SqlConnection sql, TypeId run) {
        return sql.preparedQuery(RESUME)
                .execute(Tuple.of(run.uuid()))
                .map(rows -> rows.iterator().next().getString("word"));
    }

    /**
     * A run to make from another one.
     *
     * @param step of the other one's model calls, before which the new one begins; empty: from the start
     * @param model instead of the other one's
     * @param deadlineS how long it may take; empty: as long as the other one, up to a day
     */
    public record Again(
            TypeId source, Optional<Integer> step, Optional<ModelName> model, Optional<Integer> deadlineS) {}

    /**
     * What came of it.
     *
     * @param run where the word is {@code made}; else it is {@code not_failed}, {@code no_step} or {@code not_found}
     */
    public record Repeated(String word, TypeId run) {}

    /** Makes a run from another one, of which {@code by} is who asks for it. */
    public Future<Repeated> again(SqlConnection sql, Principal by, Again wanted) {
        TypeId run = ids.next(Kind.RUN);
        return sql.preparedQuery(AGAIN)
                .execute(Tuple.tuple()
                        .addUUID(run.uuid())
                        .addUUID(wanted.source().uuid())
                        .addString(wanted.step().isPresent() ? "fork" : "retry")
                        .addInteger(wanted.step().orElse(null))
                        .addString(wanted.model().map(ModelName::toString).orElse(null))
                        .addInteger(wanted.deadlineS().orElse(null))
                        .addUUID(by.user().map(TypeId::uuid).orElse(null))
                        .addUUID(by.apiKey().map(TypeId::uuid).orElse(null)))
                .map(rows -> new Repeated(rows.iterator().next().getString("word"), run));
    }
}
