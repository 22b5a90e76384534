package io.temponest.account;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;

/** What nodes tell each other about accounts. */
public final class AccountAddresses {

    /** Told to all gateways when there is something new in the log of {@link AccessChangeStore}. */
    public static final Address<AccessChanged, AccessChanged> ACCESS_CHANGED =
            new Address<>("account.access-changed", AccessChanged.class, AccessChanged.class);

    private AccountAddresses() {}

    /** Somebody of a tenant may no longer do what they could. */
    public record AccessChanged(TenantId tenant) {}
}
