package io.temponest.crypto;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.SecureRandom;
import java.util.Base64;
import javax.crypto.AEADBadTagException;
import javax.crypto.Cipher;
import javax.crypto.spec.GCMParameterSpec;
import javax.crypto.spec.SecretKeySpec;

/**
 * Encrypts with AES-256-GCM (NIST SP 800-38D) under one key. What was sealed can only be opened with the same key and for the
 * same context. Sealed, a text is one byte of version, 12 bytes of nonce, the ciphertext, and a tag of 16 bytes. Safe for any
 * thread.
 */
public final class SecretBox {

    private static final String FILE = "secret.key";
    private static final String CIPHER = "AES/GCM/NoPadding";
    private static final byte VERSION = 1;
    private static final int KEY = 32;
    private static final int NONCE = 12;
    private static final int TAG_BITS = 128;

    private final SecretKeySpec key;
    private final SecureRandom random = new SecureRandom();

    private SecretBox(byte[] key) {
        this.key = new SecretKeySpec(key, "AES");
    }

    /** @throws IllegalArgumentException when it is not the base64 of 32 bytes; the message does not repeat it */
    public static SecretBox of(String base64) {
        byte[] key;
        try {
            key = Base64.getDecoder().decode(base64.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must be base64", e);
        }
        if (key.length != KEY) {
            throw new IllegalArgumentException("must be the base64 of 32 bytes, not of " + key.length);
        }
        return new SecretBox(key);
    }

    /** With the key in a data folder, made (mode 600) where there is none. Blocks. */
    public static SecretBox readOrMake(Path folder) {
        Path file = folder.resolve(FILE);
        try {
            if (!Files.exists(file)) {
                make(file);
            }
            return of(Files.readString(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + file + "' " + e.getMessage(), e);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Several processes may start on a new folder at once: the file appears whole, and the first one stays. */
    private static void make(Path file) throws IOException {
        byte[] key = new byte[KEY];
        new SecureRandom().nextBytes(key);
        Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
        Path draft = Files.createTempFile(
                folder, FILE, "", PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Files.writeString(draft, Base64.getEncoder().encodeToString(key) + "\n");
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException another) {
            // Another process was first: its key is the one.
        } finally {
            Files.delete(draft);
        }
    }

    /** @param context what the text belongs to, such as the key of its row; not kept, needed to open it */
    public byte[] seal(byte[] plain, String context) {
        byte[] nonce = new byte[NONCE];
        random.nextBytes(nonce);
        byte[] sealed = run(Cipher.ENCRYPT_MODE, nonce, context, ByteBuffer.wrap(plain));
        return ByteBuffer.allocate(1 + NONCE + sealed.length)
                .put(VERSION)
                .put(nonce)
                .put(sealed)
                .array();
    }

    /** @throws IllegalStateException when it was sealed with another key or for something else, or was altered */
    public byte[] open(byte[] sealed, String context) {
        if (sealed.length < 1 + NONCE || sealed[0] != VERSION) {
            throw new IllegalStateException("not sealed by this program");
        }
        ByteBuffer text = ByteBuffer.wrap(sealed, 1, sealed.length - 1);
        byte[] nonce = new byte[NONCE];
        text.get(nonce);
        return run(Cipher.DECRYPT_MODE, nonce, context, text);
    }

    private byte[] run(int mode, byte[] nonce, String context, ByteBuffer text) {
        try {
            Cipher cipher = Cipher.getInstance(CIPHER);
            cipher.init(mode, key, new GCMParameterSpec(TAG_BITS, nonce));
            cipher.updateAAD(context.getBytes(StandardCharsets.UTF_8));
            ByteBuffer out = ByteBuffer.allocate(cipher.getOutputSize(text.remaining()));
            cipher.doFinal(text, out);
            out.flip();
            byte[] bytes = new byte[out.remaining()];
            out.get(bytes);
            return bytes;
        } catch (AEADBadTagException e) {
            throw new IllegalStateException(
                    "sealed with another key (is SECRET_KEY the same everywhere?) or altered", e);
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
