package io.temponest.gateway;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.crypto.SecretBox;
import io.temponest.egress.EgressRules;
import io.temponest.gateway.answers.AnswerCacheConfig;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.http.TrustedProxies;
import io.temponest.gateway.limit.LimitsFile;
import io.temponest.gateway.oidc.OidcConfig;
import io.temponest.store.RedisUrl;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * What a gateway process is told.
 *
 * @param httpPort 0 takes a free one
 * @param opsPort 0 takes a free one
 * @param dataDir where keys are kept and uploads pass through
 * @param jwtKeys absent: those in the data folder, made if need be
 * @param secrets absent: with the key in the data folder, made if need be
 * @param instances event loops that serve the API
 */
public record GatewayConfig(
        String host,
        int httpPort,
        int opsPort,
        Path dataDir,
        Optional<JwtKeys> jwtKeys,
        Optional<SecretBox> secrets,
        int instances,
        Guards guards,
        EdgeConfig edge,
        AnswerCacheConfig answers) {

    /**
     * What requests are held to.
     *
     * @param redis absent: this process counts and remembers alone
     * @param egress where a tenant may send us
     */
    public record Guards(Optional<RedisUrl> redis, LimitsFile limits, TrustedProxies proxies, EgressRules egress) {

        static Guards read(Environment environment) {
            return new Guards(
                    environment.parsed(Setting.REDIS_URL, RedisUrl::parse),
                    environment
                            .parsed(Setting.LIMITS_FILE, file -> LimitsFile.read(Path.of(file)))
                            .orElseGet(LimitsFile::builtIn),
                    environment
                            .parsed(Setting.TRUSTED_PROXIES, text -> TrustedProxies.parse(parts(text)))
                            .orElseGet(() -> TrustedProxies.parse(List.of())),
                    EgressRules.read(environment));
        }

        private static List<String> parts(String text) {
            return Arrays.stream(text.split(",")).map(String::strip).toList();
        }
    }

    private static final int LARGEST_PORT = 65_535;

    /** Whether the API speaks TLS itself. */
    public boolean tls() {
        return edge.tls().isPresent();
    }

    /** Whom people may sign in with, besides their password. */
    public OidcConfig oidc() {
        return edge.oidc();
    }

    /** Reads the settings; mistakes are told to the environment. Blocks for the key file. */
    public static GatewayConfig read(Environment environment) {
        int httpPort = environment.number(Setting.HTTP_PORT, 0, LARGEST_PORT);
        int opsPort = environment.number(Setting.OPS_PORT, 0, LARGEST_PORT);
        if (httpPort == opsPort && httpPort != 0) {
            environment.problem("%s and %s are both %d; they must differ"
                    .formatted(Setting.HTTP_PORT.variable(), Setting.OPS_PORT.variable(), httpPort));
        }
        return new GatewayConfig(
                environment.text(Setting.HTTP_HOST),
                httpPort,
                opsPort,
                environment.path(Setting.DATA_DIR),
                environment.parsed(Setting.JWT_KEYS, file -> JwtKeys.read(Path.of(file))),
                environment.parsed(Setting.SECRET_KEY, SecretBox::of),
                Runtime.getRuntime().availableProcessors(),
                Guards.read(environment),
                EdgeConfig.read(environment),
                AnswerCacheConfig.read(environment));
    }
}
