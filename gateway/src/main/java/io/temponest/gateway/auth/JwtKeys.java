package io.temponest.gateway.auth;

import io.temponest.identity.Sha256;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigInteger;
import java.nio.charset.StandardCharsets;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.KeyPairGenerator;
import java.security.PrivateKey;
import java.security.interfaces.RSAPrivateCrtKey;
import java.security.interfaces.RSAPublicKey;
import java.security.spec.PKCS8EncodedKeySpec;
import java.security.spec.RSAPublicKeySpec;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** The RSA keys of access tokens: the first signs, all of them verify, so that keys can be changed without a break. */
public final class JwtKeys {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final String BEGIN = "-----BEGIN ";
    private static final int BITS = 2_048;
    private static final String FILE = "jwt.pem";

    private final Path file;
    private volatile List<Key> keys;

    private JwtKeys(Path file, List<Key> keys) {
        this.file = file;
        this.keys = List.copyOf(keys);
    }

    /** @param id the key's thumbprint (RFC 7638) */
    record Key(String id, RSAPrivateCrtKey privateKey, RSAPublicKey publicKey) {

        @Override
        public String toString() {
            return "Key[" + id + "]";
        }
    }

    /** Reads PKCS #8 keys in PEM; fails with {@link IllegalArgumentException} that says what is wrong. Blocks. */
    public static JwtKeys read(Path file) {
        return new JwtKeys(file, keys(file));
    }

    /** The file that they are in. */
    public Path file() {
        return file;
    }

    /**
     * Reads the file again. Fails as {@link #read} does where it is wrong, and keeps what was in use. Blocks.
     *
     * @return whether the keys are others now, or in another order
     */
    public boolean reload() {
        List<Key> now = keys(file);
        boolean changed = !ids(now).equals(ids(keys));
        keys = List.copyOf(now);
        return changed;
    }

    private static List<String> ids(List<Key> keys) {
        return keys.stream().map(Key::id).toList();
    }

    private static List<Key> keys(Path file) {
        try {
            return keys(file, Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '" + file + "'", e);
        }
    }

    private static List<Key> keys(Path file, String text) {
        List<Key> keys = new ArrayList<>();
        Matcher matcher = PEM.matcher(text);
        while (matcher.find()) {
            keys.add(key(file, matcher.group(1)));
        }
        if (keys.isEmpty()) {
            throw new IllegalArgumentException("'" + file + "' holds no PKCS #8 private key (BEGIN PRIVATE KEY)");
        }
        // A file that is being written must not be taken for one with fewer keys.
        if (text.split(BEGIN, -1).length - 1 != keys.size() || new HashSet<>(ids(keys)).size() != keys.size()) {
            throw new IllegalArgumentException(
                    "'" + file + "' holds a key that is cut off, is no PKCS #8, or is there twice");
        }
        return keys;
    }

    /** Where the key is that a data folder has, or gets. */
    public static Path inFolder(Path folder) {
        return folder.resolve(FILE);
    }

    /** Reads the key in a data folder, making it (mode 600) where there is none. Blocks. */
    public static JwtKeys readOrMake(Path folder) {
        Path file = inFolder(folder);
        if (!Files.exists(file)) {
            make(file);
        }
        return read(file);
    }

    /** Several processes may start on a new folder at once: the file appears whole, and the first one stays. */
    private static void make(Path file) {
        try {
            String pem = newPem();
            Path folder = Files.createDirectories(file.toAbsolutePath().getParent());
            Path draft = Files.createTempFile(
                    folder,
                    FILE,
                    "",
                    PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            Files.writeString(draft, pem);
            link(file, draft);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A new key in PEM. */
    static String newPem() {
        try {
            KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
            generator.initialize(BITS);
            return "-----BEGIN PRIVATE KEY-----\n"
                    + Base64.getMimeEncoder(64, "\n".getBytes(StandardCharsets.US_ASCII))
                            .encodeToString(
                                    generator.generateKeyPair().getPrivate().getEncoded())
                    + "\n-----END PRIVATE KEY-----\n";
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    private static void link(Path file, Path draft) throws IOException {
        try {
            Files.createLink(file, draft);
        } catch (FileAlreadyExistsException another) {
            // Another process was first: its key is the one.
        } finally {
            Files.delete(draft);
        }
    }

    private static Key key(Path file, String base64) {
        try {
            KeyFactory factory = KeyFactory.getInstance("RSA");
            PrivateKey read = factory.generatePrivate(
                    new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(base64)));
            if (read instanceof RSAPrivateCrtKey rsa && rsa.getModulus().bitLength() >= BITS) {
                RSAPublicKey open = (RSAPublicKey)
                        factory.generatePublic(new RSAPublicKeySpec(rsa.getModulus(), rsa.getPublicExponent()));
                return new Key(thumbprint(open), rsa, open);
            }
        } catch (GeneralSecurityException | IllegalArgumentException e) {
            throw new IllegalArgumentException("'" + file + "' holds a private key that is not RSA", e);
        }
        throw new IllegalArgumentException("'" + file + "' holds an RSA key of less than 2048 bits");
    }

    private static String thumbprint(RSAPublicKey key) {
        // RFC 7638: the required members in lexical order, without white space.
        String canonical = "{\"e\":\"%s\",\"kty\":\"RSA\",\"n\":\"%s\"}"
                .formatted(number(key.getPublicExponent()), number(key.getModulus()));
        return AccessTokens.encode(Sha256.of(canonical));
    }

    private static String number(BigInteger value) {
        byte[] bytes = value.toByteArray();
        return AccessTokens.encode(
                bytes.length > 1 && bytes[0] == 0 ? Arrays.copyOfRange(bytes, 1, bytes.length) : bytes);
    }

    /** Fails as {@link #read} does where a text is not what a file of keys holds. @return the thumbprints, in order */
    static List<String> check(Path file, String text) {
        return ids(keys(file, text));
    }

    Key signing() {
        return keys.getFirst();
    }

    Optional<Key> find(String id) {
        return keys.stream().filter(key -> key.id().equals(id)).findFirst();
    }

    /** The public keys as a JSON Web Key Set (RFC 7517). */
    public String jwks() {
        return Json.text(Map.of("keys", keys.stream().map(JwtKeys::jwk).toList()));
    }

    private static Map<String, String> jwk(Key key) {
        return new TreeMap<>(Map.of(
                "kty",
                "RSA",
                "use",
                "sig",
                "alg",
                "RS256",
                "kid",
                key.id(),
                "n",
                number(key.publicKey().getModulus()),
                "e",
                number(key.publicKey().getPublicExponent())));
    }
}
