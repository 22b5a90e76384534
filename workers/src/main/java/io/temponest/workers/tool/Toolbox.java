package io.temponest.workers.tool;

import io.temponest.identity.TenantId;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** A source of tools. Safe for use by any context. */
public interface Toolbox {

    /** A tool of a tenant by its name; empty where this source has none. Fails when it cannot be asked. */
    Future<Optional<Tool>> find(TenantId tenant, String name);

    /** Several as one: the first that has a tool of a name. */
    static Toolbox of(List<Toolbox> sources) {
        List<Toolbox> all = List.copyOf(sources);
        return (tenant, name) -> {
            Future<Optional<Tool>> found = Future.succeededFuture(Optional.empty());
            for (Toolbox source : all) {
                found = found.compose(
                        known -> known.isPresent() ? Future.succeededFuture(known) : source.find(tenant, name));
            }
            return found;
        };
    }
}
