package io.temponest.gateway.limit;

import io.temponest.identity.TenantId;

/**
 * Whose window it is. A tenant's windows share a hash tag of a Redis cluster, and no text of a request can name another
 * tenant's.
 */
sealed interface LimitKey {

    /**
     * @param limit what is counted, such as {@code read:user}
     * @param subject whose, within the tenant
     */
    record OfTenant(TenantId tenant, String limit, String subject) implements LimitKey {

        @Override
        public String text() {
            return "{" + tenant + "}:" + limit + ":" + subject;
        }
    }

    /** Of someone who is not known yet. */
    record Open(String limit, String subject) implements LimitKey {

        @Override
        public String text() {
            return "{" + limit + ":" + subject + "}";
        }
    }

    String text();
}
