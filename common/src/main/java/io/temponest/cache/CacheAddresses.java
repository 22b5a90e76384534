package io.temponest.cache;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;
import java.util.Optional;

/** What nodes tell each other about caches. */
public final class CacheAddresses {

    /** Told to all nodes after what a cached value was made from has changed. */
    public static final Address<Invalidated, Invalidated> INVALIDATED =
            new Address<>("cache.invalidated", Invalidated.class, Invalidated.class);

    private CacheAddresses() {}

    /**
     * A value that is out of date.
     *
     * @param tenant whose it is; empty: shared by all
     */
    public record Invalidated(String cache, Optional<TenantId> tenant, String name) {

        static Invalidated of(String cache, CacheKey key) {
            return switch (key) {
                case CacheKey.OfTenant(TenantId tenant, String name) ->
                    new Invalidated(cache, Optional.of(tenant), name);
                case CacheKey.Shared(String name) -> new Invalidated(cache, Optional.empty(), name);
            };
        }

        CacheKey key() {
            return tenant.<CacheKey>map(owner -> new CacheKey.OfTenant(owner, name))
                    .orElseGet(() -> new CacheKey.Shared(name));
        }
    }
}
