package io.temponest.gateway;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.crypto.TlsFiles;
import io.temponest.gateway.oidc.OidcConfig;
import io.temponest.mail.MailConfig;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * How the API meets its clients.
 *
 * @param tls absent: plain HTTP
 * @param corsOrigins whose pages may call it
 * @param patience how slow a client may be
 * @param mail where mail to its users goes
 * @param oidc whom people may sign in with, besides their password
 */
record EdgeConfig(
        Optional<TlsFiles> tls, Set<String> corsOrigins, Patience patience, MailConfig mail, OidcConfig oidc) {

    /** No more than the server may be idle. */
    private static final int LONGEST_HEAD_S = 120;

    /** No more than a request may take that says nothing of it. */
    private static final int LONGEST_BODY_S = 30;

    /**
     * How slow a client may be.
     *
     * @param head without a request, the head of one included
     * @param body until the body of a request has arrived
     */
    record Patience(Duration head, Duration body) {

        static Patience read(Environment environment) {
            return new Patience(
                    Duration.ofSeconds(environment.number(Setting.HEAD_TIMEOUT, 1, LONGEST_HEAD_S)),
                    Duration.ofSeconds(environment.number(Setting.BODY_TIMEOUT, 1, LONGEST_BODY_S)));
        }
    }

    /** As browsers write it: scheme, host, and a port that is not the scheme's own. */
    private static final Pattern ORIGIN =
            Pattern.compile("(?:http://(?!.*:80$)|https://(?!.*:443$))(?:[a-z0-9.-]+|\\[[0-9a-f:]+])(?::\\d{1,5})?");

    EdgeConfig {
        corsOrigins = Set.copyOf(corsOrigins);
    }

    /** Reads the settings; mistakes are told to the environment. Blocks for the files. */
    static EdgeConfig read(Environment environment) {
        Set<String> origins = Set.copyOf(environment.list(Setting.CORS_ORIGINS));
        origins.stream()
                .filter(origin -> !ORIGIN.matcher(origin).matches())
                .sorted()
                .forEach(origin ->
                        environment.problem("%s: '%s' is no origin as browsers send it, such as https://app.example.org"
                                .formatted(Setting.CORS_ORIGINS.variable(), origin)));
        return new EdgeConfig(
                tls(environment),
                origins,
                Patience.read(environment),
                MailConfig.read(environment),
                OidcConfig.read(environment));
    }

    private static Optional<TlsFiles> tls(Environment environment) {
        Optional<String> certificate = environment.optional(Setting.TLS_CERT);
        Optional<String> key = environment.optional(Setting.TLS_KEY);
        if (certificate.isPresent() != key.isPresent()) {
            environment.problem("%s and %s must be set together"
                    .formatted(Setting.TLS_CERT.variable(), Setting.TLS_KEY.variable()));
        }
        if (certificate.isEmpty() || key.isEmpty()) {
            return Optional.empty();
        }
        TlsFiles files = new TlsFiles(Path.of(certificate.get()), Path.of(key.get()));
        return environment.parsed(Setting.TLS_CERT, any -> {
            files.read();
            return files;
        });
    }
}
