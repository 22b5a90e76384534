package io.temponest.workers.hashing;

import com.password4j.Argon2Function;
import com.password4j.Password;
import com.password4j.types.Argon2;
import java.util.Optional;

/** Argon2id (RFC 9106) with OWASP's parameters: 19 MiB, 2 passes, 1 lane; about 60 ms. Blocks its thread. */
final class Passwords {

    private static final int MEMORY_KIB = 19_456;
    private static final int PASSES = 2;
    private static final int LANES = 1;
    private static final int LENGTH = 32;

    private final Argon2Function argon2 = Argon2Function.getInstance(MEMORY_KIB, PASSES, LANES, LENGTH, Argon2.ID);
    private final String nobody = hash("the hash of nobody's password");

    /** @return the PHC string */
    String hash(String password) {
        return Password.hash(password).addRandomSalt(16).with(argon2).getResult();
    }

    /** Whether the password is the hash's. Without a hash the same work is done and the answer is no. */
    boolean verify(String password, Optional<String> hash) {
        String against = hash.orElse(nobody);
        boolean matches = Password.check(password, against).with(Argon2Function.getInstanceFromHash(against));
        return matches && hash.isPresent();
    }
}
