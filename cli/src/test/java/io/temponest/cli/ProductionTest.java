package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.GeneralSecurityException;
import java.security.KeyPairGenerator;
import java.security.SecureRandom;
import java.util.Base64;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Production does not start with what only a trial may have. */
class ProductionTest {

    @TempDir
    private Path folder;

    private Path keys;
    private Map<String, String> settings;

    /** What starts; each test makes one thing of it wrong. */
    @BeforeEach
    void good() {
        keys = folder.resolve("keys.pem");
        assertThat(Main.commandLine(Map.of()).execute("keys", "add", "--jwt-keys", keys.toString()))
                .isZero();
        settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
        settings.put("TEMPONEST_ENV", "production");
        settings.put("TEMPONEST_JWT_KEYS", keys.toString());
        byte[] secret = new byte[32];
        new SecureRandom().nextBytes(secret);
        settings.put("TEMPONEST_SECRET_KEY", Base64.getEncoder().encodeToString(secret));
    }

    private String refusal(String command) {
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, command)) {
            assertThat(process.exitCode()).as(process.log()).isEqualTo(Main.WRONG);
            return process.log();
        }
    }

    @Test
    void whatIsInOrderStarts() {
        try (TempoNestProcess process = TempoNestProcess.start(folder, settings, "up")) {
            process.awaitReady();
            assertThat(process.ops("/health/ready")).isEqualTo("ready\n");
        }
        assertThat(folder.resolve("jwt.pem")).doesNotExist();
    }

    @Test
    void allThatIsWrongIsToldAtOnce() {
        settings.keySet().removeIf(name -> !name.equals("TEMPONEST_ENV"));
        settings.put("TEMPONEST_HTTP_HOST", "0.0.0.0");

        assertThat(refusal("up"))
                .contains(
                        "has 4 mistakes",
                        "TEMPONEST_JWT_KEYS must",
                        "TEMPONEST_SECRET_KEY must",
                        "TEMPONEST_HTTP_HOST is '0.0.0.0'")
                .contains("TEMPONEST_DATABASE_URL must name a PostgreSQL server");
        assertThat(folder.resolve("postgres")).doesNotExist();
    }

    @Test
    void aModeThatDoesNotExistIsNamed() {
        settings.put("TEMPONEST_ENV", "prod");

        assertThat(refusal("up")).contains("TEMPONEST_ENV must be one of development, production, not 'prod'");
    }

    @Test
    void weakPasswordsAndPlaceholdersAreRefusedAndNotRepeated() {
        settings.put("TEMPONEST_DATABASE_URL", "postgresql://temponest_app:postgrespassword@127.0.0.1:1/none");
        settings.put("TEMPONEST_DATABASE_OWNER_URL", "postgresql://temponest_owner:Zq8w2e!@127.0.0.1:1/none");
        settings.put("TEMPONEST_PROVIDER_ONE_KIND", "openai");
        settings.put("TEMPONEST_PROVIDER_ONE_API_KEY", "your-api-key-goes-here");
        settings.put("TEMPONEST_PUBLIC_URL", "https://temponest.example.org");
        settings.put("TEMPONEST_OIDC_ONE_ISSUER", "https://accounts.example.org");
        settings.put("TEMPONEST_OIDC_ONE_CLIENT_ID", "temponest");
        settings.put("TEMPONEST_OIDC_ONE_CLIENT_SECRET", "your-client-secret-goes-here");

        assertThat(refusal("up"))
                .contains("TEMPONEST_DATABASE_URL has a password", "TEMPONEST_DATABASE_OWNER_URL has a password")
                .contains("TEMPONEST_PROVIDER_ONE_API_KEY is a placeholder")
                .contains("TEMPONEST_OIDC_ONE_CLIENT_SECRET is a placeholder")
                .contains("the database cannot be asked what its role may do (SQLSTATE 08001)")
                .doesNotContain("postgrespassword", "Zq8w2e!", "goes-here");
    }

    @Test
    void aDatabaseOnAnotherMachineIsReachedOverTls() {
        settings.put("TEMPONEST_DATABASE_URL", "postgresql://temponest_app:wEr9.2jf0,aQw@db.invalid/t?sslmode=prefer");
        settings.put(
                "TEMPONEST_DATABASE_OWNER_URL",
                "postgresql://temponest_owner:wEr9.2jf0,aQx@db.invalid/t?sslmode=require");

        assertThat(refusal("up"))
                .contains("TEMPONEST_DATABASE_URL names 'db.invalid', and anybody could read along")
                .doesNotContain("TEMPONEST_DATABASE_OWNER_URL names", "wEr9");
    }

    @Test
    void anOpenRedisAMissingOwnerAndASecretThatIsNoneAreRefused() {
        settings.remove("TEMPONEST_DATABASE_OWNER_URL");
        settings.put("TEMPONEST_REDIS_URL", "redis://cache.example:6379");
        settings.put("TEMPONEST_SECRET_KEY", Base64.getEncoder().encodeToString(new byte[32]));

        assertThat(refusal("up"))
                .contains("TEMPONEST_DATABASE_OWNER_URL must name the role that migrates")
                .contains("TEMPONEST_REDIS_URL must have a password")
                .contains("TEMPONEST_SECRET_KEY is not random");
    }

    @Test
    void aBusThatOthersCouldReadIsRefused() {
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put("TEMPONEST_CLUSTER_MEMBERS", "203.0.113.7:5701");
        settings.put("TEMPONEST_CLUSTER_HOST", "203.0.113.7");

        assertThat(refusal("up"))
                .contains("has a mistake")
                .contains("TEMPONEST_CLUSTER_HOST is '203.0.113.7', where anybody could read passwords");
    }

    @Test
    void certificatesOfTheBusAreAllThereOrNone() {
        settings.put("TEMPONEST_CLUSTER_TLS_CERT", keys.toString());
        settings.put("TEMPONEST_CLUSTER_TLS_CA", keys.toString());

        assertThat(refusal("up"))
                .contains(
                        "TEMPONEST_CLUSTER_TLS_CERT, TEMPONEST_CLUSTER_TLS_KEY and TEMPONEST_CLUSTER_TLS_CA must be set together");
    }

    @Test
    void aSuperuserIsRefused() {
        TestDatabase database = TestDatabase.create();
        settings.put("TEMPONEST_DATABASE_URL", TestServer.text(database.superuserUrl()));

        assertThat(refusal("up")).contains("is a superuser", "BYPASSRLS", "owns the schema");
    }

    @Test
    void theOwnerOfTheSchemaIsRefusedAndSoIsOneRoleForBoth() {
        settings.put("TEMPONEST_DATABASE_URL", settings.get("TEMPONEST_DATABASE_OWNER_URL"));
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put("TEMPONEST_CLUSTER_MEMBERS", "127.0.0.1:1");

        assertThat(refusal("gateway"))
                .contains("owns the schema", "name the same role")
                .doesNotContain("is a superuser", "BYPASSRLS");
        assertThat(refusal("worker")).contains("owns the schema", "name the same role");
    }

    @Test
    void aKeyThatEverybodyMayReadIsRefused() throws IOException {
        Files.setPosixFilePermissions(keys, PosixFilePermissions.fromString("rw-r--r--"));

        assertThat(refusal("up"))
                .contains("has a mistake", "TEMPONEST_JWT_KEYS: '" + keys + "' can be read by everybody");
    }

    @Test
    void aShortKeyIsRefused() throws IOException, GeneralSecurityException {
        KeyPairGenerator generator = KeyPairGenerator.getInstance("RSA");
        generator.initialize(1_024);
        Files.writeString(
                keys,
                "-----BEGIN PRIVATE KEY-----\n"
                        + Base64.getMimeEncoder()
                                .encodeToString(
                                        generator.generateKeyPair().getPrivate().getEncoded())
                        + "\n-----END PRIVATE KEY-----\n");

        assertThat(refusal("up")).contains("TEMPONEST_JWT_KEYS", "less than 2048 bits");
    }
}
