package io.temponest.cli;

import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.gateway.GatewayConfig;
import io.temponest.model.ModelsConfig;
import io.temponest.node.NodeConfig;
import io.temponest.workers.WorkersConfig;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.Set;

/**
 * What a process is told.
 *
 * @param parts that it runs
 * @param connections to the database for tenant work
 */
record PlatformConfig(
        Set<Part> parts,
        DatabaseConfig database,
        NodeConfig node,
        GatewayConfig gateway,
        WorkersConfig workers,
        ModelsConfig models,
        int connections,
        Path dataDir,
        Logging logging) {

    PlatformConfig {
        parts = Set.copyOf(parts);
    }

    /**
     * Reads all settings.
     *
     * @throws ConfigException with all mistakes
     */
    static PlatformConfig read(Environment environment, Set<Part> parts) {
        PlatformConfig config = new PlatformConfig(
                parts,
                DatabaseConfig.read(environment),
                NodeConfig.read(environment),
                GatewayConfig.read(environment),
                WorkersConfig.read(environment),
                ModelsConfig.read(environment),
                environment.number(Setting.DATABASE_POOL, 2, 1_000),
                environment.path(Setting.DATA_DIR),
                Logging.read(environment));
        if (!config.whole()) {
            checkShared(environment, config);
        }
        ProductionChecks.run(environment, config);
        environment.check();
        return config;
    }

    /** Gateways and workers in processes of their own meet in the database and in the cluster. */
    private static void checkShared(Environment environment, PlatformConfig config) {
        if (environment.optional(Setting.DATABASE_URL).isEmpty()) {
            environment.problem(
                    "%s must name the database that gateways and workers share; only 'temponest up' brings its own"
                            .formatted(Setting.DATABASE_URL.variable()));
        }
        if (!config.node().clustered()) {
            environment.problem(
                    "%s must be 'static', and %s name other nodes: gateways and workers find each other through the cluster"
                            .formatted(Setting.CLUSTER.variable(), Setting.CLUSTER_MEMBERS.variable()));
        }
    }

    /** Whether the process is a whole TempoNest by itself. */
    boolean whole() {
        return parts.equals(EnumSet.allOf(Part.class));
    }
}
