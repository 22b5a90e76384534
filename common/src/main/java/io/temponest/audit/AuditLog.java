package io.temponest.audit;

import io.vertx.core.Future;
import io.vertx.sqlclient.SqlConnection;

/** Where entries are added. They can be read ({@link AuditStore}) and never changed. */
public final class AuditLog {

    /**
     * Adds an entry in the caller's transaction of a tenant, so that it is there exactly if what it tells of is. From here to
     * the commit other entries of the tenant wait: let it be the last thing that the transaction does.
     */
    public Future<Void> append(SqlConnection sql, AuditEntry entry) {
        return AuditStore.append(sql, entry);
    }
}
