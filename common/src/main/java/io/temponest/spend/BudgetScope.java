package io.temponest.spend;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.util.Locale;
import java.util.Optional;

/** Whose calls count against a budget. */
public enum BudgetScope {
    TENANT(Kind.TENANT),
    PROJECT(Kind.PROJECT),
    USER(Kind.USER),
    AGENT(Kind.AGENT),
    KEY(Kind.API_KEY);

    private final Kind kind;

    BudgetScope(Kind kind) {
        this.kind = kind;
    }

    /** Of the id that says which one; a budget of a tenant has none. */
    public Kind kind() {
        return kind;
    }

    /** The id of this scope in an account. */
    Optional<TypeId> of(Account account) {
        return switch (this) {
            case TENANT -> Optional.of(new TypeId(Kind.TENANT, account.tenant().uuid()));
            case PROJECT -> account.project();
            case USER -> account.user();
            case AGENT -> account.agent();
            case KEY -> account.apiKey();
        };
    }

    @JsonCreator
    public static BudgetScope parse(String text) {
        for (BudgetScope scope : values()) {
            if (scope.toString().equals(text)) {
                return scope;
            }
        }
        throw new IllegalArgumentException("scope must be tenant, project, user, agent or key");
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
