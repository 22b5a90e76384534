package io.temponest.crypto;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyFactory;
import java.security.PrivateKey;
import java.security.PublicKey;
import java.security.Signature;
import java.security.cert.CertificateFactory;
import java.security.cert.X509Certificate;
import java.security.spec.PKCS8EncodedKeySpec;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A certificate chain and its key, as PEM files. */
public record TlsFiles(Path certificate, Path key) {

    private static final Pattern PEM =
            Pattern.compile("-----BEGIN PRIVATE KEY-----\\s+([A-Za-z0-9+/=\\s]+)-----END PRIVATE KEY-----");
    private static final Map<String, String> SIGNATURES = Map.of("RSA", "SHA256withRSA", "EC", "SHA256withECDSA");

    public List<Path> all() {
        return List.of(certificate, key);
    }

    /** Reads both; fails with {@link IllegalArgumentException} that says what is wrong. Blocks. */
    public PemKeyCertOptions read() {
        byte[] chain = bytes(certificate);
        byte[] secret = bytes(key);
        try {
            X509Certificate leaf = (X509Certificate)
                    CertificateFactory.getInstance("X.509")
                            .generateCertificates(new java.io.ByteArrayInputStream(chain))
                            .stream()
                            .findFirst()
                            .orElseThrow(() -> new GeneralSecurityException("it is empty"));
            leaf.checkValidity();
            if (!belong(leaf.getPublicKey(), privateKey(leaf.getPublicKey().getAlgorithm(), secret))) {
                throw new IllegalArgumentException("'%s' is not the key of '%s'".formatted(key, certificate));
            }
        } catch (GeneralSecurityException e) {
            throw new IllegalArgumentException(
                    "'%s' and '%s' are no certificate and key of TLS: %s".formatted(certificate, key, e.getMessage()),
                    e);
        }
        return new PemKeyCertOptions().setCertValue(Buffer.buffer(chain)).setKeyValue(Buffer.buffer(secret));
    }

    private static byte[] bytes(Path file) {
        try {
            return Files.readAllBytes(file);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '" + file + "'", e);
        }
    }

    private PrivateKey privateKey(String algorithm, byte[] pem) throws GeneralSecurityException {
        Matcher matcher = PEM.matcher(new String(pem, java.nio.charset.StandardCharsets.ISO_8859_1));
        if (!matcher.find()) {
            throw new IllegalArgumentException("'" + key + "' holds no PKCS #8 private key (BEGIN PRIVATE KEY)");
        }
        return KeyFactory.getInstance(algorithm)
                .generatePrivate(new PKCS8EncodedKeySpec(Base64.getMimeDecoder().decode(matcher.group(1))));
    }

    /** Whether what one signs the other verifies. */
    private static boolean belong(PublicKey open, PrivateKey secret) throws GeneralSecurityException {
        Signature signature = Signature.getInstance(SIGNATURES.getOrDefault(open.getAlgorithm(), open.getAlgorithm()));
        signature.initSign(secret);
        signature.update(new byte[] {1});
        byte[] signed = signature.sign();
        signature.initVerify(open);
        signature.update(new byte[] {1});
        return signature.verify(signed);
    }
}
