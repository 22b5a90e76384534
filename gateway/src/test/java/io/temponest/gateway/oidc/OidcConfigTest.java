package io.temponest.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The settings of providers. */
class OidcConfigTest {

    private final Map<String, String> settings = new HashMap<>(Map.of(
            "TEMPONEST_PUBLIC_URL", "https://temponest.example.org/",
            "TEMPONEST_OIDC_GOOGLE_ISSUER", "https://accounts.google.com",
            "TEMPONEST_OIDC_GOOGLE_CLIENT_ID", "id",
            "TEMPONEST_OIDC_GOOGLE_CLIENT_SECRET", "hush"));

    private OidcConfig read() {
        Environment environment = new Environment(settings);
        OidcConfig config = OidcConfig.read(environment);
        environment.check();
        return config;
    }

    private void refused(String... words) {
        assertThatThrownBy(this::read)
                .isInstanceOf(ConfigException.class)
                .hasMessageContainingAll(words)
                .hasMessageNotContaining("hush");
    }

    @Test
    void severalProvidersAreReadInOrderOfTheirNames(@TempDir Path folder) throws IOException {
        settings.put("TEMPONEST_OIDC_COMPANY_SSO_ISSUER", "https://sso.example.org/realms/skerry/");
        settings.put("TEMPONEST_OIDC_COMPANY_SSO_CLIENT_ID", "temponest");
        settings.put(
                "TEMPONEST_OIDC_COMPANY_SSO_CLIENT_SECRET_FILE",
                Files.writeString(folder.resolve("secret"), "of a file\n").toString());

        OidcConfig config = read();

        assertThat(config.publicUrl()).contains(URI.create("https://temponest.example.org"));
        assertThat(config.providers()).extracting(OidcProvider::name).containsExactly("company_sso", "google");
        OidcProvider company = config.providers().getFirst();
        assertThat(company.issuer()).isEqualTo("https://sso.example.org/realms/skerry/");
        assertThat(company.clientSecret().reveal()).isEqualTo("of a file");
        assertThat(company.toString()).doesNotContain("of a file");
    }

    @Test
    void withoutProvidersNothingIsNeeded() {
        settings.clear();

        assertThat(read()).isEqualTo(OidcConfig.NONE);
    }

    @ParameterizedTest
    @ValueSource(strings = {"ISSUER", "CLIENT_ID", "CLIENT_SECRET"})
    void whatIsMissingIsNamed(String key) {
        settings.remove("TEMPONEST_OIDC_GOOGLE_" + key);

        refused("TEMPONEST_OIDC_GOOGLE_" + key + " must be set");
    }

    @Test
    void providersNeedToKnowWhereTheySendPeopleBackTo() {
        settings.remove("TEMPONEST_PUBLIC_URL");

        refused("TEMPONEST_PUBLIC_URL must be set", "'google'");
    }

    @Test
    void aSettingThatThereIsNotIsNamed() {
        settings.put("TEMPONEST_OIDC_GOOGLE_SCOPE", "email");

        refused("TEMPONEST_OIDC_GOOGLE_SCOPE is not a setting of TempoNest");
    }

    @Test
    void aNameHasToFitIntoAPath() {
        settings.put("TEMPONEST_OIDC__ISSUER", "https://x.example");
        settings.put("TEMPONEST_OIDC_A__B_ISSUER", "https://x.example");

        refused("'a__b' cannot be a provider's name", "TEMPONEST_OIDC__ISSUER is not a setting");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "http://sso.example.org",
                "http://127.0.0.1.evil.example",
                "https://user:password@sso.example.org",
                "https://sso.example.org/?realm=a",
                "https://sso.example.org/#a",
                "https:///realms",
                "sso.example.org",
                "file:///etc/passwd",
                "not a url"
            })
    void anIssuerIsAnHttpsUrl(String issuer) {
        settings.put("TEMPONEST_OIDC_GOOGLE_ISSUER", issuer);

        refused("TEMPONEST_OIDC_GOOGLE_ISSUER must be an https URL");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"http://temponest.example.org", "https://temponest.example.org/path", "https://a.example?b"})
    void thePublicUrlIsAnHttpsUrlWithoutAPath(String url) {
        settings.put("TEMPONEST_PUBLIC_URL", url);

        refused("TEMPONEST_PUBLIC_URL: must be an https URL without a path");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://127.0.0.1:8080", "http://localhost:8080", "http://[::1]:8080"})
    void whatDoesNotLeaveThisMachineNeedsNoTls(String url) {
        settings.put("TEMPONEST_PUBLIC_URL", url);
        settings.put("TEMPONEST_OIDC_GOOGLE_ISSUER", url);

        assertThat(read().publicUrl()).contains(URI.create(url));
    }
}
