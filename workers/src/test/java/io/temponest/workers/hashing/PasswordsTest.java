package io.temponest.workers.hashing;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.Optional;
import org.junit.jupiter.api.Test;

class PasswordsTest {

    private final Passwords passwords = new Passwords();

    @Test
    void aPasswordMatchesItsOwnHashAndNoOther() {
        String hash = passwords.hash("correct horse");

        assertThat(hash).startsWith("$argon2id$v=19$m=19456,t=2,p=1$");
        assertThat(passwords.verify("correct horse", Optional.of(hash))).isTrue();
        assertThat(passwords.verify("Correct horse", Optional.of(hash))).isFalse();
        assertThat(passwords.hash("correct horse")).isNotEqualTo(hash);
    }

    @Test
    void nobodysPasswordIsNeverRight() {
        assertThat(passwords.verify("the hash of nobody's password", Optional.empty()))
                .isFalse();
    }
}
