package io.temponest.gateway.limit;

import io.temponest.identity.TenantId;

/**
 * Whose window it is. A tenant's windows share a hash tag of a Redis cluster, and no text of a request can name another
 * tenant's.
 */
sealed interface LimitKey {

    /**
     * @param counted what is counted, such as {@code read}
     * @param whose within the tenant
     */
    record OfTenant(TenantId tenant, String counted, Subject subject, String whose) implements LimitKey {

        @Override
        public String text() {
            return "{" + tenant + "}:" + counted + ":" + subject + ":" + whose;
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
