package io.temponest.cli;

import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;

/** A worker of a cluster. */
@Command(description = "Runs a worker of a cluster; needs DATABASE_URL and CLUSTER.")
final class WorkerCommand extends ServerCommand {

    WorkerCommand(Map<String, String> environment) {
        super(environment, Set.of(Part.WORKERS));
    }

    @Override
    void ready(PlatformConfig config, Platform platform, Steps steps, long began) {
        steps.say("Ready after " + after(began));
    }
}
