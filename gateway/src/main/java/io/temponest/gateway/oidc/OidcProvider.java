package io.temponest.gateway.oidc;

import io.temponest.config.Secret;

/**
 * A provider that people may sign in with, as it is configured.
 *
 * @param name in paths, in lower case
 * @param issuer exactly as its tokens name it
 */
public record OidcProvider(String name, String issuer, String clientId, Secret clientSecret) {}
