package io.temponest.cli;

import java.util.Map;
import java.util.Set;
import picocli.CommandLine.Command;

/** A gateway of a cluster. */
@Command(description = "Runs a gateway of a cluster; needs DATABASE_URL and CLUSTER.")
final class GatewayCommand extends ServerCommand {

    GatewayCommand(Map<String, String> environment) {
        super(environment, Set.of(Part.GATEWAY));
    }

    @Override
    void ready(PlatformConfig config, Platform platform, Steps steps, long began) {
        steps.say("Ready after %s at %s"
                .formatted(after(began), url(config, platform.httpPort().orElseThrow())));
    }
}
