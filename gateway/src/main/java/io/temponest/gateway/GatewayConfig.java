package io.temponest.gateway;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.gateway.auth.JwtKeys;
import java.nio.file.Path;
import java.util.Optional;

/**
 * What a gateway process is told.
 *
 * @param httpPort 0 takes a free one
 * @param opsPort 0 takes a free one
 * @param dataDir where keys are kept and uploads pass through
 * @param jwtKeys absent: those in the data folder, made if need be
 * @param instances event loops that serve the API
 */
public record GatewayConfig(
        String host, int httpPort, int opsPort, Path dataDir, Optional<JwtKeys> jwtKeys, int instances) {

    private static final int LARGEST_PORT = 65_535;

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
                Runtime.getRuntime().availableProcessors());
    }
}
