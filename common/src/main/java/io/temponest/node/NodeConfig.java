package io.temponest.node;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.util.List;
import java.util.Optional;

/**
 * How a process takes part in a cluster.
 *
 * @param clustered whether it does
 * @param host address that it gives to other nodes
 * @param port port of the membership protocol
 * @param members {@code host:port} of nodes to join
 * @param tls of the bus; empty: it is neither encrypted nor closed to others
 * @param tracing where spans go; empty: nowhere
 */
public record NodeConfig(
        boolean clustered,
        String host,
        int port,
        List<String> members,
        Optional<ClusterTls> tls,
        Optional<Tracing.Config> tracing) {

    private enum Cluster {
        OFF,
        STATIC
    }

    public NodeConfig {
        members = List.copyOf(members);
    }

    public static NodeConfig read(Environment environment) {
        return new NodeConfig(
                environment.choice(Setting.CLUSTER, Cluster.class) == Cluster.STATIC,
                environment.text(Setting.CLUSTER_HOST),
                environment.number(Setting.CLUSTER_PORT, 1, 65_535),
                environment.list(Setting.CLUSTER_MEMBERS),
                ClusterTls.read(environment),
                Tracing.Config.read(environment));
    }
}
