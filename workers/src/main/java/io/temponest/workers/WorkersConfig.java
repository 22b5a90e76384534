package io.temponest.workers;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.workers.run.RunWorkerConfig;
import java.lang.management.ManagementFactory;
import java.time.Duration;

/** What a worker process is told. */
public record WorkersConfig(RunWorkerConfig runs) {

    private static final int MAX_RECOVERIES = 20;
    private static final Duration DRAIN = Duration.ofSeconds(10);

    public static WorkersConfig read(Environment environment) {
        String node = environment.text(Setting.CLUSTER_HOST) + "/"
                + ManagementFactory.getRuntimeMXBean().getPid();
        return new WorkersConfig(
                new RunWorkerConfig(node, environment.number(Setting.MAX_RUNNING, 1, 10_000), MAX_RECOVERIES, DRAIN));
    }
}
