package io.temponest.account;

import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;

/**
 * What sign-in needs to know of a person.
 *
 * @param active whether the person and the tenant may sign in
 */
public record SignIn(TypeId user, TenantId tenant, String passwordHash, boolean active) {

    @Override
    public String toString() {
        return "SignIn[" + user + "]";
    }
}
