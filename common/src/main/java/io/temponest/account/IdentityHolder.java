package io.temponest.account;

import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;

/**
 * Whom an identity provider speaks of.
 *
 * @param active whether the person and the tenant may sign in
 */
public record IdentityHolder(TypeId user, TenantId tenant, boolean active) {}
