package io.temponest.crypto;

import io.vertx.core.buffer.Buffer;
import io.vertx.core.net.PemTrustOptions;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.cert.CertificateException;
import java.security.cert.CertificateFactory;

/** Whose certificates are believed, as a PEM file of theirs. */
public final class Authorities {

    private Authorities() {}

    /** Reads a file; fails with {@link IllegalArgumentException} that says what is wrong. Blocks. */
    public static PemTrustOptions read(Path file) {
        try {
            byte[] pem = Files.readAllBytes(file);
            if (CertificateFactory.getInstance("X.509")
                    .generateCertificates(new ByteArrayInputStream(pem))
                    .isEmpty()) {
                throw new IllegalArgumentException("'%s' holds no certificate".formatted(file));
            }
            return new PemTrustOptions().addCertValue(Buffer.buffer(pem));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '%s'".formatted(file), e);
        } catch (CertificateException e) {
            throw new IllegalArgumentException("'%s' holds what is no certificate".formatted(file), e);
        }
    }
}
