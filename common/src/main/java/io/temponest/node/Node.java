package io.temponest.node;

import com.hazelcast.config.Config;
import com.hazelcast.config.JoinConfig;
import io.micrometer.prometheusmetrics.PrometheusConfig;
import io.micrometer.prometheusmetrics.PrometheusMeterRegistry;
import io.temponest.bus.Bus;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.core.eventbus.EventBusOptions;
import io.vertx.micrometer.MetricsDomain;
import io.vertx.micrometer.MicrometerMetricsFactory;
import io.vertx.micrometer.MicrometerMetricsOptions;
import io.vertx.spi.cluster.hazelcast.HazelcastClusterManager;
import java.util.concurrent.TimeUnit;

/**
 * What a process stands on.
 *
 * @param metrics every meter of the process
 * @param tracing where its spans go
 */
public record Node(Vertx vertx, Bus bus, PrometheusMeterRegistry metrics, Tracing tracing) {

    private static final int HEARTBEAT_S = 1;
    private static final int NO_HEARTBEAT_S = 5;

    /** Starts Vert.x, joining the cluster if there is one. Blocks for its join; fails when the node cannot join. */
    public static Future<Node> start(NodeConfig config) {
        PrometheusMeterRegistry metrics = new PrometheusMeterRegistry(PrometheusConfig.DEFAULT);
        VertxOptions options = new VertxOptions()
                .setPreferNativeTransport(true)
                .setBlockedThreadCheckInterval(1)
                .setBlockedThreadCheckIntervalUnit(TimeUnit.SECONDS)
                .setMaxEventLoopExecuteTime(500)
                .setMaxEventLoopExecuteTimeUnit(TimeUnit.MILLISECONDS)
                .setWarningExceptionTime(1)
                .setWarningExceptionTimeUnit(TimeUnit.SECONDS)
                .setMetricsOptions(new MicrometerMetricsOptions()
                        .setEnabled(true)
                        // Requests are counted by endpoint, and calls by provider: to count both twice takes time of
                        // each.
                        .addDisabledMetricsCategory(MetricsDomain.HTTP_SERVER)
                        .addDisabledMetricsCategory(MetricsDomain.HTTP_CLIENT)
                        .addDisabledMetricsCategory(MetricsDomain.NET_SERVER)
                        .addDisabledMetricsCategory(MetricsDomain.NET_CLIENT));
        Tracing tracing = Tracing.start(config.tracing());
        VertxBuilder builder =
                tracing.into(Vertx.builder().with(options).withMetrics(new MicrometerMetricsFactory(metrics)), options);
        if (!config.clustered()) {
            return Future.succeededFuture(node(builder.build(), metrics, tracing));
        }
        // As a property of the JVM: the class that starts Hazelcast logs before it has read any configuration.
        System.setProperty("hazelcast.logging.type", "slf4j");
        EventBusOptions bus = new EventBusOptions().setHost(config.host()).setConnectTimeout(2_000);
        config.tls().ifPresent(tls -> tls.into(bus));
        options.setEventBusOptions(bus);
        return builder.withClusterManager(new HazelcastClusterManager(grid(config)))
                .buildClustered()
                .map(vertx -> node(vertx, metrics, tracing));
    }

    private static Node node(Vertx vertx, PrometheusMeterRegistry metrics, Tracing tracing) {
        return new Node(vertx, new Bus(vertx, MessageTypes.all()), metrics, tracing);
    }

    /** Leaves the cluster, ends all of Vert.x, and sends the last spans. */
    public Future<Void> close() {
        return vertx.close().eventually(tracing::close);
    }

    /** Membership by TCP to named members only; Hazelcast's own discovery, phone-home and logging of banners are off. */
    private static Config grid(NodeConfig config) {
        Config grid = new Config()
                .setClusterName("temponest")
                .setProperty("hazelcast.phone.home.enabled", "false")
                .setProperty("hazelcast.shutdownhook.enabled", "false")
                .setProperty("hazelcast.socket.bind.any", "false")
                .setProperty("hazelcast.heartbeat.interval.seconds", Integer.toString(HEARTBEAT_S))
                .setProperty("hazelcast.max.no.heartbeat.seconds", Integer.toString(NO_HEARTBEAT_S))
                .setProperty("hazelcast.wait.seconds.before.join", "1")
                .setProperty("hazelcast.max.wait.seconds.before.join", "5")
                .setProperty("hazelcast.tcp.join.port.try.count", "1");
        grid.getNetworkConfig()
                .setPort(config.port())
                .setPortAutoIncrement(false)
                .setPublicAddress(config.host() + ":" + config.port());
        grid.getNetworkConfig().getInterfaces().setEnabled(true).addInterface(config.host());
        JoinConfig join = grid.getNetworkConfig().getJoin();
        join.getAutoDetectionConfig().setEnabled(false);
        join.getMulticastConfig().setEnabled(false);
        join.getTcpIpConfig().setEnabled(true).setMembers(config.members()).setConnectionTimeoutSeconds(2);
        return grid;
    }
}
