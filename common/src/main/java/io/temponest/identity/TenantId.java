package io.temponest.identity;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.UUID;

/** The tenant that a request, row, cache key or message belongs to. A type of its own, so that none can be left out or mixed up. */
public record TenantId(UUID uuid) {

    @JsonCreator
    public static TenantId parse(String text) {
        return new TenantId(TypeId.parse(Kind.TENANT, text)
                .orElseThrow(() -> new IllegalArgumentException("not a tenant id: " + text))
                .uuid());
    }

    @Override
    @JsonValue
    public String toString() {
        return new TypeId(Kind.TENANT, uuid).toString();
    }
}
