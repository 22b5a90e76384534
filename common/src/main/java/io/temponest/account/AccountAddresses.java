package io.temponest.account;

import io.temponest.bus.Address;

/** What nodes tell each other about accounts. */
public final class AccountAddresses {

    /** Told to all gateways after a key was revoked. */
    public static final Address<KeyRevoked, KeyRevoked> KEY_REVOKED =
            new Address<>("account.key-revoked", KeyRevoked.class, KeyRevoked.class);

    private AccountAddresses() {}

    /** A key that nobody may use any more. */
    public record KeyRevoked(String prefix) {}
}
