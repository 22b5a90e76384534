package io.temponest.cache;

import io.temponest.identity.TenantId;

/** What a cached value is found by. Whose it is stands in its type, so that no tenant's value can be found by another. */
public sealed interface CacheKey {

    /** A value that belongs to a tenant. */
    record OfTenant(TenantId tenant, String name) implements CacheKey {

        @Override
        public String text() {
            return "{" + tenant + "}:" + name;
        }
    }

    /** A value that is the same for everyone. */
    record Shared(String name) implements CacheKey {

        @Override
        public String text() {
            return "{}:" + name;
        }
    }

    /** Unique among the keys of a cache; a tenant's share a hash tag of a Redis cluster. */
    String text();
}
