package io.temponest.mail;

import io.temponest.config.Secret;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Set;

/**
 * A server that takes mail.
 *
 * @param tls from the first byte
 * @param login absent: none is tried
 */
record SmtpServer(String host, int port, boolean tls, Optional<Login> login) {

    private static final int SUBMISSION = 587;
    private static final int SUBMISSIONS = 465;
    private static final Set<String> LOOPBACK = Set.of("localhost", "127.0.0.1", "::1", "[::1]");

    record Login(String user, Secret password) {}

    /** Reads {@code smtp://user:password@host:port} or {@code smtps://…}; its failures never repeat the text. */
    static SmtpServer parse(String text) {
        URI uri;
        try {
            uri = URI.create(text);
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("must have the form smtp://user:password@host:port");
        }
        boolean tls = "smtps".equals(uri.getScheme());
        if ((!tls && !"smtp".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("must have the form smtp://user:password@host:port, or smtps://…");
        }
        int standard = tls ? SUBMISSIONS : SUBMISSION;
        return new SmtpServer(
                uri.getHost(),
                uri.getPort() < 0 ? standard : uri.getPort(),
                tls,
                Optional.ofNullable(uri.getRawUserInfo()).map(SmtpServer::login));
    }

    private static Login login(String text) {
        int colon = text.indexOf(':');
        return colon < 0
                ? new Login(decode(text), new Secret(""))
                : new Login(decode(text.substring(0, colon)), new Secret(decode(text.substring(colon + 1))));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }

    /** Whether mail stays on this machine, where STARTTLS would protect nothing. */
    boolean loopback() {
        return LOOPBACK.contains(host);
    }
}
