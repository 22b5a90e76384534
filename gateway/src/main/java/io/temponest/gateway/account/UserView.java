package io.temponest.gateway.account;

import io.temponest.account.User;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.List;

/** A person as clients see one. */
record UserView(
        TypeId id,
        String object,
        TenantId tenantId,
        String email,
        String fullName,
        boolean active,
        List<String> roles,
        List<String> permissions,
        Instant createdAt) {

    static UserView of(User user) {
        return new UserView(
                user.id(),
                "user",
                user.tenant(),
                user.email(),
                user.fullName(),
                user.active(),
                user.roles(),
                Rights.names(user.permissions()),
                user.createdAt());
    }
}
