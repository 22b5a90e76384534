package io.temponest.identity;

import static io.temponest.identity.Permission.AGENTS_EXECUTE;
import static io.temponest.identity.Permission.AGENTS_MANAGE;
import static io.temponest.identity.Permission.AGENTS_READ;
import static io.temponest.identity.Permission.API_KEYS_MANAGE;
import static io.temponest.identity.Permission.APPROVALS_DECIDE;
import static io.temponest.identity.Permission.APPROVALS_READ;
import static io.temponest.identity.Permission.BUDGETS_MANAGE;
import static io.temponest.identity.Permission.COSTS_READ;
import static io.temponest.identity.Permission.DASHBOARD_READ;
import static io.temponest.identity.Permission.DEPARTMENTS_MANAGE;
import static io.temponest.identity.Permission.DEPARTMENTS_READ;
import static io.temponest.identity.Permission.KNOWLEDGE_MANAGE;
import static io.temponest.identity.Permission.KNOWLEDGE_READ;
import static io.temponest.identity.Permission.MODELS_USE;
import static io.temponest.identity.Permission.PROJECTS_MANAGE;
import static io.temponest.identity.Permission.PROJECTS_READ;
import static io.temponest.identity.Permission.RUNS_MANAGE;
import static io.temponest.identity.Permission.RUNS_READ;
import static io.temponest.identity.Permission.SCHEDULES_MANAGE;
import static io.temponest.identity.Permission.SCHEDULES_READ;
import static io.temponest.identity.Permission.USERS_READ;
import static io.temponest.identity.Permission.WEBHOOKS_READ;
import static io.temponest.identity.Permission.WORKFLOWS_CREATE;
import static io.temponest.identity.Permission.WORKFLOWS_READ;

import java.util.EnumSet;
import java.util.Locale;
import java.util.Set;

/** The roles that every tenant starts with. */
public enum Role {
    ADMIN(EnumSet.allOf(Permission.class)),
    MANAGER(EnumSet.of(
            AGENTS_READ,
            AGENTS_EXECUTE,
            AGENTS_MANAGE,
            RUNS_READ,
            RUNS_MANAGE,
            PROJECTS_READ,
            PROJECTS_MANAGE,
            WORKFLOWS_READ,
            WORKFLOWS_CREATE,
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
            COSTS_READ,
            BUDGETS_MANAGE,
            DASHBOARD_READ,
            USERS_READ,
            API_KEYS_MANAGE)),
    DEVELOPER(EnumSet.of(
            AGENTS_READ,
            AGENTS_EXECUTE,
            RUNS_READ,
            RUNS_MANAGE,
            PROJECTS_READ,
            WORKFLOWS_READ,
            WORKFLOWS_CREATE,
            APPROVALS_READ,
            DEPARTMENTS_READ,
            KNOWLEDGE_READ,
            KNOWLEDGE_MANAGE,
            MODELS_USE,
            SCHEDULES_READ,
            COSTS_READ,
            DASHBOARD_READ,
            API_KEYS_MANAGE)),
    VIEWER(EnumSet.of(
            AGENTS_READ,
            RUNS_READ,
            PROJECTS_READ,
            WORKFLOWS_READ,
            APPROVALS_READ,
            DEPARTMENTS_READ,
            KNOWLEDGE_READ,
            SCHEDULES_READ,
            USERS_READ,
            COSTS_READ,
            DASHBOARD_READ));

    private final Set<Permission> permissions;

    Role(Set<Permission> permissions) {
        this.permissions = Set.copyOf(permissions);
    }

    public Set<Permission> permissions() {
        return permissions;
    }

    /** The name as stored and shown, in lower case. */
    public String id() {
        return name().toLowerCase(Locale.ROOT);
    }
}
