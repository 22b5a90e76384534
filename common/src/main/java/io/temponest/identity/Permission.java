package io.temponest.identity;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** What a principal may do; the text form is {@code resource:action}, also in scopes and tokens. */
public enum Permission {
    AGENTS_READ,
    AGENTS_EXECUTE,
    AGENTS_MANAGE,
    RUNS_READ,
    RUNS_MANAGE,
    PROJECTS_READ,
    PROJECTS_MANAGE,
    WORKFLOWS_READ,
    WORKFLOWS_CREATE,
    WORKFLOWS_DELETE,
    APPROVALS_READ,
    APPROVALS_DECIDE,
    DEPARTMENTS_READ,
    DEPARTMENTS_MANAGE,
    KNOWLEDGE_READ,
    KNOWLEDGE_MANAGE,
    MODELS_USE,
    SCHEDULES_READ,
    SCHEDULES_MANAGE,
    WEBHOOKS_READ,
    WEBHOOKS_MANAGE,
    COSTS_READ,
    BUDGETS_MANAGE,
    DASHBOARD_READ,
    AUDIT_READ,
    USERS_READ,
    USERS_MANAGE,
    API_KEYS_MANAGE,
    TENANTS_MANAGE;

    private final String text;

    Permission() {
        // API_KEYS_MANAGE has its separator at the last underscore.
        int separator = name().lastIndexOf('_');
        text = (name().substring(0, separator) + ":" + name().substring(separator + 1)).toLowerCase(Locale.ROOT);
    }

    public static Optional<Permission> find(String text) {
        return Arrays.stream(values()).filter(p -> p.text.equals(text)).findFirst();
    }

    @JsonCreator
    static Permission parse(String text) {
        return find(text).orElseThrow(() -> new IllegalArgumentException("no such permission: " + text));
    }

    @Override
    @JsonValue
    public String toString() {
        return text;
    }
}
