package io.temponest.model.price;

import io.temponest.identity.TypeId;
import io.temponest.model.Price;
import java.time.Instant;

/** A price of a tenant's own, which comes before the table's for the same name. */
public record TenantPrice(TypeId id, Price price, Instant createdAt) {}
