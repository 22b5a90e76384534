package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Settings that come from Vault, and what is said where they cannot. */
class VaultTest {

    private static final String PATH = "secret/data/temponest";

    @TempDir
    private Path folder;

    private VaultFixture vault;

    @BeforeEach
    void start() {
        vault = VaultFixture.start();
    }

    @AfterEach
    void stop() {
        vault.close();
    }

    private Map<String, String> environment(String token) {
        return Map.of(
                "TEMPONEST_VAULT_ADDR", vault.address(),
                "TEMPONEST_VAULT_TOKEN", token,
                "TEMPONEST_DATA_DIR", folder.toString());
    }

    private Environment read(Map<String, String> flags, Map<String, String> environment) {
        return new Settings(flags, environment, Optional.empty()).read();
    }

    private String refusal(String token) {
        try {
            read(Map.of(), environment(token));
            throw new AssertionError("was not refused");
        } catch (ConfigException refused) {
            return String.valueOf(refused.getMessage());
        }
    }

    @Test
    void secretsCountMoreThanTheFileAndLessThanEnvironmentAndFlags() throws IOException {
        vault.put(
                PATH, Map.of("MAIL_FROM", "vault", "default_model", "vault/m", "LOG_LEVEL", "vault", "MAX_RUNNING", 7));
        Files.writeString(
                folder.resolve("temponest.properties"), "mail.from=file\nmax.running=5\nhttp.host=from-the-file\n");
        Map<String, String> variables = new HashMap<>(environment(VaultFixture.TOKEN));
        variables.put("TEMPONEST_DEFAULT_MODEL", "environment/m");

        Environment settings = read(Map.of("TEMPONEST_LOG_LEVEL", "flag"), variables);

        assertThat(settings.text(Setting.MAIL_FROM)).isEqualTo("vault");
        assertThat(settings.text(Setting.MAX_RUNNING)).isEqualTo("7");
        assertThat(settings.text(Setting.HTTP_HOST)).isEqualTo("from-the-file");
        assertThat(settings.text(Setting.DEFAULT_MODEL)).isEqualTo("environment/m");
        assertThat(settings.text(Setting.LOG_LEVEL)).isEqualTo("flag");
    }

    @Test
    void theTokenMayBeInAFileAndAProvidersKeyInVault() throws IOException {
        vault.put(PATH, Map.of("PROVIDER_ONE_API_KEY", "sk-from-vault"));
        Path token = Files.writeString(folder.resolve("token"), VaultFixture.TOKEN + "\n");
        Map<String, String> variables = new HashMap<>(environment(VaultFixture.TOKEN));
        variables.remove("TEMPONEST_VAULT_TOKEN");
        variables.put("TEMPONEST_VAULT_TOKEN_FILE", token.toString());

        assertThat(read(Map.of(), variables).provider("one", "API_KEY")).contains("sk-from-vault");
    }

    @Test
    void aTokenThatMayNotReadIsToldSoAndNotRepeated() {
        vault.put(PATH, Map.of("MAIL_FROM", "nobody-sees-this"));

        assertThat(refusal("hvs.another-token"))
                .contains(vault.address(), PATH, "403")
                .doesNotContain("another-token", "nobody-sees-this");
    }

    @Test
    void aPathWithNothingThereIsNamed() {
        assertThat(refusal(VaultFixture.TOKEN)).contains(PATH, "404").doesNotContain(VaultFixture.TOKEN);
    }

    @Test
    void aSealedVaultIsCalledSealed() {
        vault.seal();

        assertThat(refusal(VaultFixture.TOKEN)).contains("sealed", "503").doesNotContain(VaultFixture.TOKEN);
    }

    @Test
    void aVaultThatIsAwayIsCalledUnreachable() {
        vault.close();

        assertThat(refusal(VaultFixture.TOKEN))
                .contains(vault.address(), "cannot be reached", "ConnectException")
                .doesNotContain(VaultFixture.TOKEN);
    }

    @Test
    void aVaultThatSaysNothingCostsNoMoreThanTheDeadline() {
        vault.fallSilent();
        Vault slow =
                new Vault(URI.create(vault.address()), new Secret(VaultFixture.TOKEN), PATH, Duration.ofMillis(200));

        assertThatThrownBy(slow::secrets).isInstanceOf(ConfigException.class).hasMessageContaining("Vault at");
    }

    @Test
    void whatIsNeitherTextNorANumberAndWhatNamesVaultItselfIsRefused() {
        vault.put(PATH, Map.of("MAIL_FROM", List.of("secret-in-a-list")));
        assertThat(refusal(VaultFixture.TOKEN)).contains("MAIL_FROM").doesNotContain("secret-in-a-list");

        vault.put(PATH, Map.of("VAULT_TOKEN", "hvs.other"));
        assertThat(refusal(VaultFixture.TOKEN)).contains("VAULT_TOKEN").doesNotContain("hvs.other");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://vault.example.org:8200", "https://user:pass@vault.example.org", "vault:8200", "ftp://x"})
    void anAddressWhereTheTokenWouldBeReadIsRefused(String address) {
        Map<String, String> variables = new HashMap<>(environment(VaultFixture.TOKEN));
        variables.put("TEMPONEST_VAULT_ADDR", address);

        assertThatThrownBy(() -> read(Map.of(), variables))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TEMPONEST_VAULT_ADDR must be an https URL")
                .hasMessageNotContaining("pass");
    }

    @Test
    void theProgramStartsOnADatabaseThatOnlyVaultKnows() {
        vault.put(PATH, new HashMap<>(TestServer.databaseSettings(TestDatabase.create())));

        try (TempoNestProcess process = TempoNestProcess.start(folder, environment(VaultFixture.TOKEN), "up")) {
            process.awaitReady();
            assertThat(process.log()).contains("test_").doesNotContain(VaultFixture.TOKEN);
            assertThat(folder.resolve("postgres")).doesNotExist();
        }
    }
}
