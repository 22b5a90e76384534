package io.temponest.cli;

import io.temponest.config.Environment;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import io.temponest.model.ProviderConfig;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.RedisUrl;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Base64;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/** What a process refuses to start with where {@code ENV} is {@code production}; each is told as a mistake of the settings. */
final class ProductionChecks {

    private static final int SHORTEST_PASSWORD = 12;

    /** Of 32 random bytes fewer than this are different once in 10^29. */
    private static final int LEAST_VARIETY = 12;

    /** What stands in examples and in what people set up in a hurry; compared in lower case. */
    private static final Set<String> KNOWN = Set.of(
            "x",
            "test",
            "secret",
            "changeme",
            "change-me",
            "your-api-key",
            "sk-test",
            "sk-fake",
            "placeholder",
            "postgres",
            "password",
            "password1234",
            "admin",
            "admin123456789",
            "temponest",
            "temponest123",
            "123456789012",
            "changemeplease",
            "supersecretpassword");

    private final Environment environment;
    private final PlatformConfig config;

    private ProductionChecks(Environment environment, PlatformConfig config) {
        this.environment = environment;
        this.config = config;
    }

    static void check(Environment environment, PlatformConfig config) {
        ProductionChecks checks = new ProductionChecks(environment, config);
        checks.database();
        checks.redis();
        checks.providers();
        checks.files();
        if (config.parts().contains(Part.GATEWAY)) {
            checks.keys();
            checks.transport();
        }
    }

    private void refuse(String problem) {
        environment.problem("in production, " + problem);
    }

    private void database() {
        switch (config.database()) {
            case DatabaseConfig.Embedded own ->
                refuse("%s must name a database: the embedded one is for development"
                        .formatted(Setting.DATABASE_URL.variable()));
            case DatabaseConfig.External(DatabaseUrl service, DatabaseUrl owner) -> {
                if (service.user().equals(owner.user())
                        && environment.optional(Setting.DATABASE_OWNER_URL).isPresent()) {
                    refuse("%s and %s must name two roles: the service must not own its schema"
                            .formatted(Setting.DATABASE_URL.variable(), Setting.DATABASE_OWNER_URL.variable()));
                }
                if (config.whole()
                        && environment.optional(Setting.DATABASE_OWNER_URL).isEmpty()) {
                    refuse("%s must name the role that migrates, which is not the service's"
                            .formatted(Setting.DATABASE_OWNER_URL.variable()));
                }
                password(Setting.DATABASE_URL, service.user(), service.password());
                password(Setting.DATABASE_OWNER_URL, owner.user(), owner.password());
            }
        }
    }

    private void password(Setting setting, String user, Secret password) {
        String text = password.reveal();
        if (text.length() < SHORTEST_PASSWORD || known(text) || text.equalsIgnoreCase(user)) {
            refuse("the password in %s must have %d characters at least and not be a usual one"
                    .formatted(setting.variable(), SHORTEST_PASSWORD));
        }
    }

    private static boolean known(String text) {
        return KNOWN.contains(text.toLowerCase(Locale.ROOT));
    }

    private void redis() {
        Optional<RedisUrl> url = config.gateway().guards().redis();
        if (url.isPresent()
                && !loopback(url.get().host())
                && !url.get().whole().reveal().contains("@")) {
            refuse("%s must have a password: it is not on this host".formatted(Setting.REDIS_URL.variable()));
        }
    }

    private void providers() {
        for (ProviderConfig provider : config.workers().providers()) {
            if (provider.keys().stream().anyMatch(key -> known(key.reveal()))) {
                refuse("%s holds a placeholder instead of a key"
                        .formatted(environment.providerVariable(provider.name(), "API_KEY")));
            }
        }
    }

    private void keys() {
        if (environment.optional(Setting.JWT_KEYS).isEmpty()) {
            refuse(
                    "%s must name the file of the keys that sign access tokens: one that is made at the start is for development"
                            .formatted(Setting.JWT_KEYS.variable()));
        }
        Optional<String> secret = environment.optional(Setting.SECRET_KEY);
        if (secret.isEmpty()) {
            refuse("%s must be set: one that is made at the start is for development"
                    .formatted(Setting.SECRET_KEY.variable()));
        } else if (config.gateway().secrets().isPresent() && monotonous(secret.get())) {
            refuse("%s is not random; make one with 'openssl rand -base64 32'"
                    .formatted(Setting.SECRET_KEY.variable()));
        }
    }

    private static boolean monotonous(String base64) {
        byte[] key = Base64.getDecoder().decode(base64.strip());
        boolean[] seen = new boolean[256];
        int different = 0;
        for (byte value : key) {
            if (!seen[value & 0xff]) {
                seen[value & 0xff] = true;
                different++;
            }
        }
        return different < LEAST_VARIETY;
    }

    private void transport() {
        if (!loopback(config.gateway().host())
                && environment.optional(Setting.TRUSTED_PROXIES).isEmpty()) {
            refuse(
                    "%s must name the proxies that end TLS: %s '%s' is not this host alone, and what is sent there is not encrypted"
                            .formatted(
                                    Setting.TRUSTED_PROXIES.variable(),
                                    Setting.HTTP_HOST.variable(),
                                    config.gateway().host()));
        }
    }

    private static boolean loopback(String host) {
        return host.equals("localhost") || host.startsWith("127.") || host.equals("::1") || host.equals("[::1]");
    }

    private void files() {
        for (Path file : environment.secretFiles()) {
            if (readableByAll(file)) {
                refuse(
                        "'%s' holds a secret and can be read by everybody on this host; take that right away (chmod o-rwx)"
                                .formatted(file));
            }
        }
    }

    private static boolean readableByAll(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            // What cannot be read at all is told by whoever reads it.
            return false;
        }
    }
}
