package io.temponest.account;

import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;

/** Whose console session it is, as authentication sees it. */
public record ConsoleHolder(TypeId session, TenantId tenant, TypeId user, Instant expiresAt) {}
