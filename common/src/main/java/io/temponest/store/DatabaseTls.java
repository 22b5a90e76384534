package io.temponest.store;

import io.temponest.crypto.Authorities;
import io.vertx.core.net.ClientSSLOptions;
import io.vertx.pgclient.PgConnectOptions;
import io.vertx.pgclient.SslMode;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;

/**
 * How connections to a database are protected, in libpq's words: {@code require} encrypts and believes any server, {@code verify-ca}
 * wants a certificate of the authorities, {@code verify-full} one for the host's name too.
 *
 * @param authorities PEM file; there for the modes that verify, and for no others
 */
public record DatabaseTls(SslMode mode, Optional<Path> authorities) {

    /** In the clear. */
    public static final DatabaseTls NONE = new DatabaseTls(SslMode.DISABLE, Optional.empty());

    static final String MODE = "sslmode";
    static final String AUTHORITIES = "sslrootcert";

    private static final Map<String, SslMode> MODES =
            List.of(SslMode.DISABLE, SslMode.PREFER, SslMode.REQUIRE, SslMode.VERIFY_CA, SslMode.VERIFY_FULL).stream()
                    .collect(Collectors.toMap(mode -> mode.value, mode -> mode));

    public DatabaseTls {
        if (verifies(mode) != authorities.isPresent()) {
            throw new IllegalArgumentException(
                    "verify-ca and verify-full need sslrootcert, and no other sslmode takes it");
        }
    }

    /**
     * Reads the parameters of a URL; fails with {@link IllegalArgumentException} that says what is wrong, without their values. Blocks.
     */
    static DatabaseTls read(Map<String, String> parameters) {
        String wanted = parameters.getOrDefault(MODE, SslMode.DISABLE.value);
        SslMode mode = Optional.ofNullable(MODES.get(wanted))
                .orElseThrow(() -> new IllegalArgumentException(
                        "sslmode must be one of disable, prefer, require, verify-ca, verify-full"));
        DatabaseTls tls = new DatabaseTls(
                mode, Optional.ofNullable(parameters.get(AUTHORITIES)).map(Path::of));
        tls.authorities().ifPresent(Authorities::read);
        return tls;
    }

    private static boolean verifies(SslMode mode) {
        return mode == SslMode.VERIFY_CA || mode == SslMode.VERIFY_FULL;
    }

    /** Whether nobody on the way can read along, unless they take the server's place. */
    public boolean encrypted() {
        return mode == SslMode.REQUIRE || verifies(mode);
    }

    /** As parameters of a URL of JDBC. */
    String jdbc() {
        return MODE + "=" + mode.value
                + authorities
                        .map(file ->
                                "&" + AUTHORITIES + "=" + URLEncoder.encode(file.toString(), StandardCharsets.UTF_8))
                        .orElse("");
    }

    void into(PgConnectOptions options) {
        options.setSslMode(mode);
        if (mode != SslMode.DISABLE) {
            ClientSSLOptions tls = new ClientSSLOptions()
                    .setTrustAll(authorities.isEmpty())
                    .setHostnameVerificationAlgorithm(mode == SslMode.VERIFY_FULL ? "HTTPS" : "");
            authorities.map(Authorities::read).ifPresent(tls::setTrustOptions);
            options.setSslOptions(tls);
        }
    }
}
