package io.temponest.account;

import io.temponest.identity.Role;
import java.util.Set;

/**
 * A person to add to a tenant.
 *
 * @param email unique among all tenants, whatever its case
 * @param passwordHash Argon2id in its PHC string form
 * @param roles of those that every tenant has
 */
public record NewUser(String email, String fullName, String passwordHash, Set<Role> roles) {

    public NewUser {
        roles = Set.copyOf(roles);
    }

    @Override
    public String toString() {
        return "NewUser[" + email + "]";
    }
}
