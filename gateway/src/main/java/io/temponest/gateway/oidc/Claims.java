package io.temponest.gateway.oidc;

import io.temponest.account.ExternalIdentity;
import java.util.Optional;

/**
 * Whom a provider means, as a verified ID token says.
 *
 * @param email where it says one
 * @param emailVerified whether it says that the person has the address
 */
record Claims(ExternalIdentity identity, Optional<String> email, boolean emailVerified) {}
