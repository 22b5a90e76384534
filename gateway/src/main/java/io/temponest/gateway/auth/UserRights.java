package io.temponest.gateway.auth;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonProperty;
import io.temponest.account.UserStore;
import io.temponest.cache.CacheKey;
import io.temponest.cache.Caches;
import io.temponest.cache.TwoLevelCache;
import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.stream.Collectors;

/**
 * What people may do, at most five minutes old, in the cache {@code user_perms}. A change counts from when this node has read of
 * it in the {@link AccessLog}, whatever Redis holds or does not. Safe for use by any context.
 */
public final class UserRights {

    private static final Duration REMEMBERED = Duration.ofMinutes(5);
    private static final int MOST = 50_000;

    private final UserStore users;
    private final TwoLevelCache<Held> held;

    /** Empty where somebody may not sign in. */
    private record Held(Optional<Set<Permission>> may) {

        Held {
            may = may.map(Set::copyOf);
        }

        /** What this version does not know is left out: nothing here can be done with it. */
        @JsonCreator
        static Held read(@JsonProperty("may") Optional<List<String>> names) {
            return new Held(names.map(all ->
                    all.stream().flatMap(name -> Permission.find(name).stream()).collect(Collectors.toSet())));
        }
    }

    public UserRights(UserStore users, Caches caches) {
        this.users = users;
        this.held = caches.cache(new Caches.Spec<>("user_perms", Held.class, REMEMBERED, MOST));
    }

    /** What a person may do now; empty where they may not sign in. */
    Future<Optional<Set<Permission>>> of(TenantId tenant, TypeId user) {
        return held.get(key(tenant, user.uuid()), () -> users.may(tenant, user).map(Held::new))
                .map(Held::may);
    }

    /** Takes note of a change of what somebody may do. */
    void changed(TenantId tenant, UUID user) {
        held.drop(key(tenant, user));
    }

    private static CacheKey key(TenantId tenant, UUID user) {
        return new CacheKey.OfTenant(tenant, user.toString());
    }
}
