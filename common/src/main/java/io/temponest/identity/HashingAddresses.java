package io.temponest.identity;

import io.temponest.bus.Address;
import java.util.Optional;

/** Password hashing by the workers. */
public final class HashingAddresses {

    public static final Address<Hash, Hashed> HASH = new Address<>("password.hash", Hash.class, Hashed.class);
    public static final Address<Verify, Verified> VERIFY =
            new Address<>("password.verify", Verify.class, Verified.class);

    private HashingAddresses() {}

    /** A password to hash. */
    public record Hash(String password) {
        @Override
        public String toString() {
            return "Hash[***]";
        }
    }

    /** An Argon2id hash in its PHC string form. */
    public record Hashed(String hash) {}

    /**
     * A password to check.
     *
     * @param hash absent when there is no such user: the same time is spent and the answer is no
     */
    public record Verify(String password, Optional<String> hash) {
        @Override
        public String toString() {
            return "Verify[***]";
        }
    }

    /** Whether it matches. */
    public record Verified(boolean matches) {}
}
