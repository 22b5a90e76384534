package io.temponest.cli;

import io.temponest.config.Environment;
import io.temponest.config.Mode;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import io.temponest.gateway.oidc.OidcProvider;
import io.temponest.model.ProviderConfig;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.RedisUrl;
import io.temponest.store.RoleRights;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.sql.SQLException;
import java.util.Base64;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.regex.Pattern;
import java.util.stream.IntStream;

/** What production must not have. All of it is told at once, and never with a secret in the words. */
final class ProductionChecks {

    private static final int SHORTEST_PASSWORD = 12;

    /** Of 32 random bytes fewer than this are different once in 10^29. */
    private static final int LEAST_VARIETY = 12;

    /** Texts that documentation, images and trials use. */
    private static final Set<String> COMMON = Set.of(
            "changeme",
            "change-me",
            "change_me",
            "changeit",
            "password",
            "password123",
            "password1234",
            "passwordpassword",
            "postgres",
            "postgrespassword",
            "mysecretpassword",
            "temponest",
            "temponestpassword",
            "secret",
            "supersecret",
            "supersecretpassword",
            "admin",
            "administrator",
            "adminadminadmin",
            "root",
            "test",
            "testtesttest",
            "example",
            "default",
            "letmein",
            "qwerty",
            "qwertyuiop123",
            "123456789012",
            "1234567890123456",
            "abc123",
            "dummy",
            "placeholder",
            "xxx",
            "x",
            "none",
            "null",
            "todo",
            "key",
            "apikey",
            "api-key",
            "api_key",
            "token",
            "root-token",
            "ollama");

    private static final Pattern PLACEHOLDER = Pattern.compile(
            "sk-(?:test|fake|changeme|dummy)|(?:sk-)?(?:\\.{3}|x{3,}|\\*{3,}|<.*>|\\$\\{.*}|(?:your|my|insert|replace|enter)[-_ ].*)");
    private static final Set<String> LOOPBACK = Set.of("127.0.0.1", "localhost", "::1", "[::1]");

    /** In the order in which they are told. */
    private static final List<BiConsumer<Environment, PlatformConfig>> ALL = List.of(
            ProductionChecks::keysAreOwn,
            ProductionChecks::secretKeyIsRandom,
            ProductionChecks::redisHasAPassword,
            ProductionChecks::providersHaveRealKeys,
            ProductionChecks::signInHasRealSecrets,
            ProductionChecks::nobodyReadsOnTheWay,
            ProductionChecks::nobodyReadsTheBus,
            ProductionChecks::databaseIsNotEmbedded,
            ProductionChecks::nobodyReadsTheDatabase,
            ProductionChecks::passwordsAreStrong,
            ProductionChecks::theServiceIsNotTheOwner,
            ProductionChecks::secretFilesArePrivate);

    private ProductionChecks() {}

    /** Tells the environment what is wrong, where the process is to run in production. Asks the database; blocks. */
    static void run(Environment environment, PlatformConfig config) {
        if (environment.choice(Setting.ENV, Mode.class) == Mode.PRODUCTION) {
            ALL.forEach(check -> check.accept(environment, config));
        }
    }

    private static void keysAreOwn(Environment environment, PlatformConfig config) {
        if (config.parts().contains(Part.GATEWAY)
                && environment.optional(Setting.JWT_KEYS).isEmpty()) {
            environment.problem(
                    "%s must name a file with the keys of access tokens; one that is made at the start is for development ('temponest keys add' makes one)"
                            .formatted(Setting.JWT_KEYS.variable()));
        }
    }

    private static void secretKeyIsRandom(Environment environment, PlatformConfig config) {
        Optional<String> key = environment.optional(Setting.SECRET_KEY);
        if (key.isEmpty()) {
            environment.problem(
                    "%s must be set; one that is made at the start is for development ('openssl rand -base64 32' makes one)"
                            .formatted(Setting.SECRET_KEY.variable()));
        } else if (config.gateway().secrets().isPresent() && monotonous(key.get())) {
            environment.problem("%s is not random ('openssl rand -base64 32' makes one that is)"
                    .formatted(Setting.SECRET_KEY.variable()));
        }
    }

    private static boolean monotonous(String base64) {
        byte[] key = Base64.getDecoder().decode(base64.strip());
        return IntStream.range(0, key.length).map(i -> key[i]).distinct().count() < LEAST_VARIETY;
    }

    private static void redisHasAPassword(Environment environment, PlatformConfig config) {
        Optional<RedisUrl> redis = config.gateway().guards().redis();
        if (redis.isPresent()
                && !LOOPBACK.contains(redis.get().host())
                && !redis.get().whole().reveal().contains("@")) {
            environment.problem("%s must have a password: '%s' is not this machine"
                    .formatted(Setting.REDIS_URL.variable(), redis.get().host()));
        }
    }

    private static void providersHaveRealKeys(Environment environment, PlatformConfig config) {
        for (ProviderConfig provider : config.models().providers()) {
            if (provider.keys().stream().map(Secret::reveal).anyMatch(ProductionChecks::weak)) {
                environment.problem(
                        "%s is a placeholder".formatted(environment.providerVariable(provider.name(), "API_KEY")));
            }
        }
    }

    private static void signInHasRealSecrets(Environment environment, PlatformConfig config) {
        for (OidcProvider provider : config.gateway().oidc().providers()) {
            if (weak(provider.clientSecret().reveal())) {
                environment.problem(
                        "%s is a placeholder".formatted(environment.oidcVariable(provider.name(), "CLIENT_SECRET")));
            }
        }
    }

    private static void nobodyReadsOnTheWay(Environment environment, PlatformConfig config) {
        boolean proxied = environment.optional(Setting.TRUSTED_PROXIES).isPresent();
        if (config.parts().contains(Part.GATEWAY)
                && !LOOPBACK.contains(config.gateway().host())
                && !config.gateway().tls()
                && !proxied) {
            environment.problem(
                    "%s is '%s', where anybody could read tokens on their way: set %s and %s, or name the proxies that do TLS in %s"
                            .formatted(
                                    Setting.HTTP_HOST.variable(),
                                    config.gateway().host(),
                                    Setting.TLS_CERT.variable(),
                                    Setting.TLS_KEY.variable(),
                                    Setting.TRUSTED_PROXIES.variable()));
        }
    }

    private static void nobodyReadsTheBus(Environment environment, PlatformConfig config) {
        if (config.node().clustered()
                && !LOOPBACK.contains(config.node().host())
                && config.node().tls().isEmpty()) {
            environment.problem(
                    "%s is '%s', where anybody could read passwords on their way to be hashed: set %s, %s and %s"
                            .formatted(
                                    Setting.CLUSTER_HOST.variable(),
                                    config.node().host(),
                                    Setting.CLUSTER_TLS_CERT.variable(),
                                    Setting.CLUSTER_TLS_KEY.variable(),
                                    Setting.CLUSTER_TLS_CA.variable()));
        }
    }

    private static void databaseIsNotEmbedded(Environment environment, PlatformConfig config) {
        if (config.database() instanceof DatabaseConfig.Embedded && config.whole()) {
            environment.problem("%s must name a PostgreSQL server; the embedded one is for development"
                    .formatted(Setting.DATABASE_URL.variable()));
        }
    }

    private static void nobodyReadsTheDatabase(Environment environment, PlatformConfig config) {
        if (config.database() instanceof DatabaseConfig.External(DatabaseUrl service, DatabaseUrl owner)) {
            unread(environment, Setting.DATABASE_URL, service);
            if (environment.optional(Setting.DATABASE_OWNER_URL).isPresent()) {
                unread(environment, Setting.DATABASE_OWNER_URL, owner);
            }
        }
    }

    private static void unread(Environment environment, Setting setting, DatabaseUrl url) {
        if (!LOOPBACK.contains(url.host()) && !url.tls().encrypted()) {
            environment.problem(
                    "%s names '%s', and anybody could read along on the way: add ?sslmode=verify-full&sslrootcert=FILE, or at least ?sslmode=require"
                            .formatted(setting.variable(), url.host()));
        }
    }

    private static void passwordsAreStrong(Environment environment, PlatformConfig config) {
        if (config.database() instanceof DatabaseConfig.External(DatabaseUrl service, DatabaseUrl owner)) {
            strong(environment, Setting.DATABASE_URL, service);
            if (environment.optional(Setting.DATABASE_OWNER_URL).isPresent()) {
                strong(environment, Setting.DATABASE_OWNER_URL, owner);
            }
        }
    }

    private static void strong(Environment environment, Setting setting, DatabaseUrl url) {
        String password = url.password().reveal();
        if (password.length() < SHORTEST_PASSWORD || weak(password) || password.equalsIgnoreCase(url.user())) {
            environment.problem("%s has a password of less than %d characters, or one that is easy to guess"
                    .formatted(setting.variable(), SHORTEST_PASSWORD));
        }
    }

    private static boolean weak(String secret) {
        String plain = secret.toLowerCase(Locale.ROOT);
        return COMMON.contains(plain)
                || PLACEHOLDER.matcher(plain).matches()
                || plain.chars().distinct().count() < 4;
    }

    private static void theServiceIsNotTheOwner(Environment environment, PlatformConfig config) {
        if (!(config.database() instanceof DatabaseConfig.External(DatabaseUrl service, DatabaseUrl owner))) {
            return;
        }
        boolean ownerNamed = environment.optional(Setting.DATABASE_OWNER_URL).isPresent();
        if (config.whole() && !ownerNamed) {
            environment.problem("%s must name the role that migrates, which is not the service's"
                    .formatted(Setting.DATABASE_OWNER_URL.variable()));
        }
        if (ownerNamed && owner.user().equals(service.user())) {
            environment.problem("%s and %s name the same role"
                    .formatted(Setting.DATABASE_URL.variable(), Setting.DATABASE_OWNER_URL.variable()));
        }
        try {
            RoleRights rights = RoleRights.of(service);
            rights(environment, rights.superuser(), "is a superuser");
            rights(environment, rights.bypassesRls(), "may bypass row-level security (BYPASSRLS)");
            rights(environment, rights.ownsSchema(), "owns the schema");
        } catch (SQLException e) {
            environment.problem("%s: the database cannot be asked what its role may do (SQLSTATE %s)"
                    .formatted(Setting.DATABASE_URL.variable(), e.getSQLState()));
        }
    }

    private static void rights(Environment environment, boolean has, String what) {
        if (has) {
            environment.problem("%s: its role %s, so that tenants would not be apart"
                    .formatted(Setting.DATABASE_URL.variable(), what));
        }
    }

    private static void secretFilesArePrivate(Environment environment, PlatformConfig config) {
        Map<String, Path> files = environment.secretFiles();
        files.forEach((variable, file) -> {
            if (readByOthers(file)) {
                environment.problem(
                        "%s: '%s' can be read by everybody on this machine; chmod it to 600".formatted(variable, file));
            }
        });
    }

    private static boolean readByOthers(Path file) {
        try {
            return Files.getPosixFilePermissions(file).contains(PosixFilePermission.OTHERS_READ);
        } catch (IOException | UnsupportedOperationException e) {
            // A file that is not there is told by whoever reads it.
            return false;
        }
    }
}
