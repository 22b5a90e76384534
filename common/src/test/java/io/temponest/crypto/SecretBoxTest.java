package io.temponest.crypto;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Base64;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SecretBoxTest {

    private static final String KEY =
            Base64.getEncoder().encodeToString("0123456789abcdef0123456789abcdef".getBytes(UTF_8));

    private final SecretBox box = SecretBox.of(KEY);

    @Property(tries = 200)
    void whatWasSealedIsOpened(@ForAll byte[] plain, @ForAll String context) {
        assertThat(box.open(box.seal(plain, context), context)).isEqualTo(plain);
    }

    @Test
    void theSameTextIsSealedAnotherWayEachTimeAndCannotBeRead() {
        byte[] plain = "tn_secret".getBytes(UTF_8);
        byte[] one = box.seal(plain, "a");

        assertThat(box.seal(plain, "a")).isNotEqualTo(one);
        assertThat(new String(one, java.nio.charset.StandardCharsets.ISO_8859_1))
                .doesNotContain("secret");
    }

    @Test
    void anotherKeyAnotherContextOrAnAlteredByteDoesNotOpenIt() {
        byte[] sealed = box.seal("tn_secret".getBytes(UTF_8), "a");
        SecretBox other = SecretBox.of(Base64.getEncoder().encodeToString(new byte[32]));

        assertThatThrownBy(() -> other.open(sealed, "a")).isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> box.open(sealed, "b")).isInstanceOf(IllegalStateException.class);
        for (int i = 0; i < sealed.length; i++) {
            byte[] altered = sealed.clone();
            altered[i] ^= 1;
            assertThatThrownBy(() -> box.open(altered, "a")).isInstanceOf(IllegalStateException.class);
        }
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "c2hvcnQ=", "not base64!"})
    void aKeyThatIsNot32BytesIsRefusedAndNotRepeated(String key) {
        assertThatThrownBy(() -> SecretBox.of(key))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("must be");
    }

    @Test
    void theKeyOfAFolderIsMadeOnceForItsOwnerAlone(@TempDir Path folder) throws IOException {
        byte[] sealed = SecretBox.readOrMake(folder).seal(new byte[] {7}, "a");

        assertThat(SecretBox.readOrMake(folder).open(sealed, "a")).containsExactly(7);
        Path file = folder.resolve("secret.key");
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                .isEqualTo("rw-------");
        try (var files = Files.list(folder)) {
            assertThat(files).containsExactly(file);
        }
    }
}
