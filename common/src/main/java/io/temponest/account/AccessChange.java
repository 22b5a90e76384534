package io.temponest.account;

import io.temponest.identity.TenantId;
import java.util.UUID;

/**
 * Something that gateways must forget.
 *
 * @param id of the entry in the log
 * @param subject a session's or a person's id as a UUID, a key's prefix
 */
public record AccessChange(UUID id, TenantId tenant, What what, String subject) {

    /** What the subject is. */
    public enum What {
        /** A session that was revoked. */
        SESSION,
        /** A person whose rights are not what they were, or who may not sign in any more. */
        USER,
        /** A key that was revoked, or got another secret. */
        KEY
    }
}
