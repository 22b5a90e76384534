package io.temponest.mail;

import io.temponest.config.Environment;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import java.net.URI;
import java.net.URLDecoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.Optional;

/**
 * How mail is sent.
 *
 * @param from the sender's address
 */
public record MailConfig(String from, Way way) {

    private static final String FOLDER = "mail";
    private static final int SUBMISSION = 587;
    private static final int SUBMISSION_TLS = 465;

    /** Where it goes. */
    public sealed interface Way {}

    /** To files, one for each message: for development, and where there is no server. */
    public record Folder(Path path) implements Way {}

    /**
     * To a server.
     *
     * @param tls from the connection's start; otherwise STARTTLS, which is required unless the server is on this host
     */
    public record Smtp(String host, int port, boolean tls, Optional<Login> login) implements Way {

        boolean local() {
            return host.equals("localhost") || host.startsWith("127.") || host.equals("[::1]");
        }
    }

    /** As whom one signs in to a server. */
    public record Login(String user, Secret password) {}

    /** Reads the settings; mistakes are told to the environment. */
    public static MailConfig read(Environment environment) {
        String from = environment.text(Setting.MAIL_FROM);
        if (!Mail.isAddress(from)) {
            environment.problem("%s must be an e-mail address, not '%s'".formatted(Setting.MAIL_FROM.variable(), from));
        }
        return new MailConfig(
                from,
                environment
                        .parsed(Setting.MAIL_URL, MailConfig::smtp)
                        .<Way>map(smtp -> smtp)
                        .orElseGet(() ->
                                new Folder(environment.path(Setting.DATA_DIR).resolve(FOLDER))));
    }

    private static Smtp smtp(String text) {
        URI uri;
        try {
            uri = new URI(text);
        } catch (java.net.URISyntaxException e) {
            // Not its message, which quotes the password.
            throw new IllegalArgumentException("must have the form smtp://user:password@host:port");
        }
        boolean tls = "smtps".equals(uri.getScheme());
        if ((!tls && !"smtp".equals(uri.getScheme())) || uri.getHost() == null) {
            throw new IllegalArgumentException("must have the form smtp://user:password@host:port, or smtps://");
        }
        int port = uri.getPort() < 0 ? (tls ? SUBMISSION_TLS : SUBMISSION) : uri.getPort();
        return new Smtp(
                uri.getHost(),
                port,
                tls,
                Optional.ofNullable(uri.getRawUserInfo()).map(MailConfig::login));
    }

    private static Login login(String text) {
        int colon = text.indexOf(':');
        if (colon < 1) {
            throw new IllegalArgumentException("must have the form smtp://user:password@host:port");
        }
        return new Login(decode(text.substring(0, colon)), new Secret(decode(text.substring(colon + 1))));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text.replace("+", "%2B"), StandardCharsets.UTF_8);
    }
}
