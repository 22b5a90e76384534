package io.temponest.account;

/**
 * What an OpenID Connect provider calls somebody.
 *
 * @param issuer the provider, by its URL
 * @param subject unique with the provider, never given to another; 255 characters at most
 */
public record ExternalIdentity(String issuer, String subject) {}
