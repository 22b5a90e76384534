package io.temponest.account;

/**
 * A tenant to make.
 *
 * @param name 1 to 200 characters
 * @param slug lower-case letters, digits and inner dashes, 1 to 64; unique among all tenants
 * @param plan {@code free}, {@code developer} or {@code enterprise}
 */
public record NewTenant(String name, String slug, String plan) {}
