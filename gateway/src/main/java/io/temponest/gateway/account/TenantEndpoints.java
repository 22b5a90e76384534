package io.temponest.gateway.account;

import io.temponest.account.TenantStore;
import io.temponest.audit.AuditEntry;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import java.time.DateTimeException;
import java.time.ZoneId;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The caller's own tenant. Its plan is not its own to change. */
final class TenantEndpoints {

    private static final int LONGEST_NAME = 200;

    private final Postgres postgres;
    private final Changes changes;

    TenantEndpoints(Postgres postgres, Changes changes) {
        this.postgres = postgres;
        this.changes = changes;
    }

    List<Endpoint> all() {
        return List.of(
                Endpoint.get("/v1/tenant", Access.SELF, this::get).single(),
                Endpoint.patch("/v1/tenant", Access.needs(Permission.TENANTS_MANAGE), this::patch)
                        .single());
    }

    private Future<Answer> get(Call call) {
        return postgres.inTenant(call.tenant(), TenantStore::get).map(tenant -> Answer.ok(TenantView.of(tenant)));
    }

    private record PatchTenant(Optional<String> name, Optional<Settings> settings) {}

    /** @param timezone of the IANA data base, such as {@code Europe/Oslo} */
    private record Settings(Optional<String> timezone) {

        Map<String, String> changed() {
            Map<String, String> changed = new HashMap<>();
            timezone.ifPresent(zone -> {
                try {
                    changed.put("timezone", ZoneId.of(zone).getId());
                } catch (DateTimeException e) {
                    throw Fields.invalid("settings.timezone", "must be a time zone such as Europe/Oslo");
                }
            });
            return changed;
        }
    }

    private Future<Answer> patch(Call call) {
        return call.body(PatchTenant.class).compose(wanted -> {
            wanted.name().ifPresent(name -> Fields.line("name", wanted.name(), LONGEST_NAME));
            Map<String, String> settings =
                    wanted.settings().map(Settings::changed).orElse(Map.of());
            Map<String, Object> told = new HashMap<>(settings);
            wanted.name().ifPresent(name -> told.put("name", name));
            return changes.change(
                    call,
                    sql -> TenantStore.hold(sql)
                            .compose(tenant -> {
                                call.ifMatch().check(TenantView.of(tenant));
                                return TenantStore.update(sql, wanted.name(), settings);
                            })
                            .map(tenant -> Made.of(Answer.ok(TenantView.of(tenant)))
                                    .audited(AuditEntry.success(
                                            call.actor(),
                                            "tenant.update",
                                            new TypeId(Kind.TENANT, tenant.id().uuid()),
                                            told))));
        });
    }
}
