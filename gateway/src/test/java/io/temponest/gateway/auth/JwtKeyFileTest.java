package io.temponest.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class JwtKeyFileTest {

    private final AtomicLong seconds = new AtomicLong();

    @TempDir
    private Path folder;

    private Path file;
    private JwtKeyFile keys;

    @BeforeEach
    void aFileWithOneKey() {
        file = folder.resolve("jwt.pem");
        keys = new JwtKeyFile(file, () -> Instant.ofEpochSecond(seconds.incrementAndGet()));
        keys.add();
    }

    @Test
    void aKeyThatIsAddedDoesNotSignUntilItIsPromoted() {
        String first = keys.list().getFirst();

        assertThat(keys.add()).isEqualTo(2);
        assertThat(keys.list().getFirst()).isEqualTo(first);

        keys.promote();
        assertThat(keys.list().getLast()).isEqualTo(first);
        assertThat(JwtKeys.read(file).signing().id()).isEqualTo(keys.list().getFirst());
    }

    @Test
    void theOldestKeyThatDoesNotSignIsRetired() {
        keys.add();
        keys.add();
        keys.promote();
        List<String> before = keys.list();

        assertThat(keys.retire()).isEqualTo(2);

        // In order: the third key, which signs, the first and the second.
        assertThat(keys.list()).containsExactly(before.get(0), before.get(2));
    }

    @Test
    void theKeyThatSignsCannotBeRetired() {
        assertThatThrownBy(keys::retire)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no key besides the one that signs");
        assertThat(keys.list()).hasSize(1);
    }

    @Test
    void theNewestKeyCannotBePromotedAgain() {
        assertThatThrownBy(keys::promote)
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("signs already");
    }

    @Test
    void whatIsWrittenCanBeReadByItsOwnerAlone() throws IOException {
        Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r--r--"));

        keys.add();

        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
    }

    /** What an editor has written half of must not end the tokens of the key that is missing. */
    @Test
    void aFileWhoseLastKeyIsCutOffIsRefusedAndWhatWasInUseStays() throws IOException {
        keys.add();
        JwtKeys inUse = JwtKeys.read(file);
        String gone = keys.list().getLast();
        String text = Files.readString(file);
        Files.writeString(file, text.substring(0, text.length() - 200));

        assertThatThrownBy(inUse::reload).isInstanceOf(IllegalArgumentException.class);

        assertThat(inUse.find(gone)).isPresent();
    }

    @Test
    void aReloadSaysWhetherTheKeysAreOthers() {
        JwtKeys inUse = JwtKeys.read(file);
        assertThat(inUse.reload()).isFalse();

        keys.add();

        assertThat(inUse.reload()).isTrue();
        assertThat(inUse.jwks()).contains(keys.list());
    }
}
