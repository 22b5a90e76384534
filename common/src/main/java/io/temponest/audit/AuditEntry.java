package io.temponest.audit;

import com.fasterxml.jackson.annotation.JsonValue;
import io.temponest.identity.TypeId;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/**
 * What is to be noted.
 *
 * @param action such as {@code api_key.create}
 * @param resourceType such as {@code api_key}
 * @param resourceId its id in text form, where there is one
 * @param details what a reader would ask next; never a secret
 */
public record AuditEntry(
        Actor actor,
        String action,
        String resourceType,
        Optional<String> resourceId,
        Outcome outcome,
        Map<String, Object> details) {

    /** Whether it was done. */
    public enum Outcome {
        SUCCESS,
        FAILURE;

        @Override
        @JsonValue
        public String toString() {
            return name().toLowerCase(Locale.ROOT);
        }
    }

    public AuditEntry {
        details = Map.copyOf(details);
        if (!action.matches("[a-z_]+(\\.[a-z_]+)*")) {
            throw new IllegalArgumentException("action must be words with dots, not " + action);
        }
    }

    /** Something that was done to a resource; its type is the action's first word. */
    public static AuditEntry success(Actor actor, String action, TypeId resource, Map<String, Object> details) {
        return of(actor, action, resource, Outcome.SUCCESS, details);
    }

    /** Something that was tried with a resource and refused. */
    public static AuditEntry failure(Actor actor, String action, TypeId resource, Map<String, Object> details) {
        return of(actor, action, resource, Outcome.FAILURE, details);
    }

    private static AuditEntry of(
            Actor actor, String action, TypeId resource, Outcome outcome, Map<String, Object> details) {
        return new AuditEntry(
                actor,
                action,
                resource.kind().name().toLowerCase(Locale.ROOT),
                Optional.of(resource.toString()),
                outcome,
                details);
    }
}
