package io.temponest.workers;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.workers.run.RunWorkerConfig;
import io.temponest.workers.webhook.WebhookConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/**
 * What a worker process is told.
 *
 * @param connections that the engine may open
 */
public record WorkersConfig(RunWorkerConfig runs, WebhookConfig webhooks, int connections) {

    private static final int MAX_RECOVERIES = 20;

    /** The stop of a whole process, of which this is the longest part, may take 15 seconds. */
    private static final Duration DRAIN = Duration.ofSeconds(5);

    public static WorkersConfig read(Environment environment) {
        String node = environment.text(Setting.CLUSTER_HOST) + "/"
                + ManagementFactory.getRuntimeMXBean().getPid();
        return new WorkersConfig(
                new RunWorkerConfig(node, environment.number(Setting.MAX_RUNNING, 1, 10_000), MAX_RECOVERIES, DRAIN),
                WebhookConfig.read(environment, DRAIN),
                environment.number(Setting.DATABASE_POOL, 2, 1_000));
    }
}
