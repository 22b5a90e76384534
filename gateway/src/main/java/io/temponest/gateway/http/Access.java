package io.temponest.gateway.http;

import io.temponest.identity.Permission;

/** Who may call an endpoint. */
public sealed interface Access {

    /** Anyone; credentials are not looked at. */
    Access PUBLIC = new Public();

    /** Whoever is authenticated, about themselves. */
    Access SELF = new Self();

    static Access needs(Permission permission) {
        return new Needs(permission);
    }

    /** See {@link #PUBLIC}. */
    record Public() implements Access {}

    /** See {@link #SELF}. */
    record Self() implements Access {}

    /** Whoever is authenticated and has a permission. */
    record Needs(Permission permission) implements Access {}
}
