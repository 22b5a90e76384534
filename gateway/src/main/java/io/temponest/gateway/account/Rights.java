package io.temponest.gateway.account;

import io.temponest.account.TenantRole;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import java.util.Collection;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Nobody gives, takes or changes what goes beyond what they may do themselves. */
final class Rights {

    private Rights() {}

    /** Refuses what goes beyond the caller's own permissions; {@code what} is the start of the sentence that says so. */
    static void require(Principal by, Collection<Permission> wanted, Optional<String> param, String what) {
        List<String> missing = wanted.stream()
                .filter(p -> !by.may(p))
                .sorted()
                .map(Permission::toString)
                .toList();
        if (!missing.isEmpty()) {
            throw new ApiError(
                            ErrorType.PERMISSION_ERROR,
                            "%s: you do not have %s yourself.".formatted(what, String.join(", ", missing)),
                            param,
                            "permission_not_held")
                    .exception();
        }
    }

    /** Permissions by their names. */
    static Set<Permission> read(String field, List<String> names) {
        Set<Permission> permissions = EnumSet.noneOf(Permission.class);
        for (String name : names) {
            permissions.add(Permission.find(name)
                    .orElseThrow(() -> Fields.invalid(field, "holds '%s', which is no permission".formatted(name))));
        }
        return permissions;
    }

    /** Checks that each name or id has found its role, and that the caller may give all of them. */
    static void requireRoles(Principal by, List<String> wanted, List<TenantRole> found) {
        for (String text : wanted) {
            if (found.stream()
                    .noneMatch(role ->
                            role.name().equals(text) || role.id().toString().equals(text))) {
                throw Fields.invalid("roles", "holds '%s', which is no role".formatted(text));
            }
        }
        found.forEach(role -> require(
                by, role.permissions(), Optional.of("roles"), "The role '%s' cannot be given".formatted(role.name())));
    }

    static List<String> names(Set<Permission> permissions) {
        return permissions.stream().sorted().map(Permission::toString).toList();
    }
}
