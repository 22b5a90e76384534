package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.store.DatabaseUrl;
import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What a process in production does not start with. */
class ProductionTest {

    private static final TestDatabase DATABASE = TestDatabase.create();

    @TempDir
    private Path folder;

    private final Map<String, String> settings = new HashMap<>();

    @BeforeEach
    void makeSettingsThatAreFit() {
        settings.put("TEMPONEST_DATA_DIR", folder.toString());
        JwtKeys.readOrMake(folder);
        byte[] key = new byte[32];
        new SecureRandom().nextBytes(key);
        settings.put("TEMPONEST_ENV", "production");
        settings.putAll(TestServer.databaseSettings(DATABASE));
        settings.put("TEMPONEST_JWT_KEYS", folder.resolve("jwt.pem").toString());
        settings.put("TEMPONEST_SECRET_KEY", Base64.getEncoder().encodeToString(key));
    }

    @Test
    void whatIsFitStarts() {
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
            process.awaitReady();
            assertThat(process.stop()).isZero();
        }
    }

    /** @param names what the message names */
    record Unfit(String why, Map<String, String> changes, List<String> names) {

        static Unfit of(String why, Map<String, String> changes, String... names) {
            return new Unfit(why, changes, List.of(names));
        }

        @Override
        public String toString() {
            return why;
        }
    }

    static Stream<Unfit> unfit() {
        String weak = url(DATABASE.appUrl(), "temponest_app", "short");
        return Stream.of(
                Unfit.of("made keys", Map.of("TEMPONEST_JWT_KEYS", ""), "TEMPONEST_JWT_KEYS"),
                Unfit.of("no secret", Map.of("TEMPONEST_SECRET_KEY", ""), "TEMPONEST_SECRET_KEY"),
                Unfit.of(
                        "a secret of zeros",
                        Map.of("TEMPONEST_SECRET_KEY", Base64.getEncoder().encodeToString(new byte[32])),
                        "TEMPONEST_SECRET_KEY is not random"),
                Unfit.of(
                        "embedded database",
                        Map.of("TEMPONEST_DATABASE_URL", "", "TEMPONEST_DATABASE_OWNER_URL", ""),
                        "TEMPONEST_DATABASE_URL"),
                Unfit.of(
                        "one role for both",
                        Map.of("TEMPONEST_DATABASE_OWNER_URL", url(DATABASE.appUrl())),
                        "TEMPONEST_DATABASE_OWNER_URL must name two roles"),
                Unfit.of(
                        "no role that migrates",
                        Map.of("TEMPONEST_DATABASE_OWNER_URL", ""),
                        "TEMPONEST_DATABASE_OWNER_URL must name the role"),
                Unfit.of(
                        "a short password",
                        Map.of("TEMPONEST_DATABASE_URL", weak),
                        "the password in TEMPONEST_DATABASE_URL must have 12"),
                Unfit.of(
                        "a usual password",
                        Map.of("TEMPONEST_DATABASE_URL", url(DATABASE.appUrl(), "temponest_app", "ChangeMePlease")),
                        "the password in TEMPONEST_DATABASE_URL must have 12"),
                Unfit.of(
                        "a provider's placeholder",
                        Map.of(
                                "TEMPONEST_PROVIDER_BIG_KIND", "openai",
                                "TEMPONEST_PROVIDER_BIG_BASE_URL", "https://models.example/v1",
                                "TEMPONEST_PROVIDER_BIG_API_KEY", "changeme"),
                        "TEMPONEST_PROVIDER_BIG_API_KEY"),
                Unfit.of(
                        "plain HTTP for everybody",
                        Map.of("TEMPONEST_HTTP_HOST", "0.0.0.0"),
                        "TEMPONEST_HTTP_HOST",
                        "TEMPONEST_TRUSTED_PROXIES"),
                Unfit.of(
                        "a Redis for everybody",
                        Map.of("TEMPONEST_REDIS_URL", "redis://cache.example:6379"),
                        "TEMPONEST_REDIS_URL must have a password"));
    }

    private static String url(DatabaseUrl url) {
        return url(url, url.user(), url.password().reveal());
    }

    private static String url(DatabaseUrl url, String user, String password) {
        return "postgresql://%s:%s@%s:%d/%s".formatted(user, password, url.host(), url.port(), url.database());
    }

    @ParameterizedTest
    @MethodSource("unfit")
    void whatIsUnfitIsNamedAndDoesNotStart(Unfit unfit) {
        settings.putAll(unfit.changes());

        assertThatThrownBy(() -> PlatformConfig.read(new Environment(settings), EnumSet.allOf(Part.class)))
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(unfit.names().toArray(String[]::new))
                .hasMessageNotContaining("ChangeMePlease");
    }

    @Test
    void allOfItIsNamedAtOnce() {
        settings.put("TEMPONEST_JWT_KEYS", "");
        settings.put("TEMPONEST_SECRET_KEY", "");
        settings.put("TEMPONEST_HTTP_HOST", "0.0.0.0");

        assertThat(refused(2))
                .contains("3 mistakes", "TEMPONEST_JWT_KEYS", "TEMPONEST_SECRET_KEY", "TEMPONEST_HTTP_HOST");
    }

    @Test
    void aSecretThatEverybodyCanReadIsNamed() throws IOException {
        Files.setPosixFilePermissions(folder.resolve("jwt.pem"), PosixFilePermissions.fromString("rw-r--r--"));

        assertThatThrownBy(() -> PlatformConfig.read(new Environment(settings), EnumSet.allOf(Part.class)))
                .hasMessageContainingAll("jwt.pem", "chmod");
    }

    @Test
    void theOwnerOfTheSchemaIsNotTheService() {
        settings.put("TEMPONEST_DATABASE_URL", url(DATABASE.ownerUrl()));
        settings.put("TEMPONEST_DATABASE_OWNER_URL", url(DATABASE.superuserUrl()));

        assertThat(refused(1)).contains("TEMPONEST_DATABASE_URL", "owns the schema");
    }

    @Test
    void aSuperuserIsNotTheService() {
        settings.put("TEMPONEST_DATABASE_URL", url(DATABASE.superuserUrl()));

        assertThat(refused(1)).contains("TEMPONEST_DATABASE_URL", "is a superuser");
    }

    private String refused(int code) {
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
            assertThat(process.exitCode()).as(process.log()).isEqualTo(code);
            return process.log();
        }
    }
}
