package io.temponest.cli;

import io.temponest.store.Postgres;
import java.security.SecureRandom;
import java.util.EnumSet;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import picocli.CommandLine.Command;

/** Everything in one process. */
@Command(description = "Runs everything in one process, with a PostgreSQL of its own unless DATABASE_URL is set.")
final class Up extends ServerCommand {

    private static final long FIRST_START_LIMIT_S = 60;

    Up(Map<String, String> environment) {
        super(environment, EnumSet.allOf(Part.class));
    }

    @Override
    void ready(PlatformConfig config, Platform platform, Steps steps, long began) {
        String url = url(config, platform.httpPort().orElseThrow());
        Optional<AdminFile> made = firstStart(config, platform, url);
        made.ifPresent(admin -> {
            steps.say("");
            steps.say("Made the first tenant. Its credentials are in " + AdminFile.in(config.dataDir()) + ":");
            steps.say("  e-mail    " + admin.email());
            steps.say("  password  " + admin.password());
            steps.say("  API key   " + admin.apiKey());
            steps.say("");
        });
        steps.say("Ready after %s at %s".formatted(after(began), url));
    }

    private static Optional<AdminFile> firstStart(PlatformConfig config, Platform platform, String url) {
        Postgres postgres = platform.postgres();
        try {
            return new FirstStart(platform.node(), postgres, config.dataDir(), new SecureRandom())
                    .ensure(url)
                    .await(FIRST_START_LIMIT_S, TimeUnit.SECONDS);
        } catch (TimeoutException e) {
            throw new CommandFailure("the first tenant was not made within " + FIRST_START_LIMIT_S + " s", e);
        }
    }
}
