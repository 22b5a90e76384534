package io.temponest.cli;

import static io.temponest.cli.OidcVisitors.NAME;
import static io.temponest.cli.OidcVisitors.back;
import static io.temponest.cli.OidcVisitors.email;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.OidcFixture.Behaviour;
import io.temponest.testing.TestPorts;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Providers that are away, are slow, change their keys, or are not what they say. */
class OidcProviderTest {

    @TempDir
    private static Path folder;

    private static final Map<String, OidcFixture> OTHERS = new HashMap<>();
    private static OidcVisitors visitors;
    private static OidcFixture provider;

    @BeforeAll
    static void start() {
        provider = OidcFixture.start();
        OTHERS.put("fresh", OidcFixture.start());
        OTHERS.put("silent", OidcFixture.start());
        OTHERS.put("rotating", OidcFixture.start());
        OTHERS.put(
                "post",
                OidcFixture.start().saying("token_endpoint_auth_methods_supported", List.of("client_secret_post")));
        OTHERS.put(
                "key_only",
                OidcFixture.start().saying("token_endpoint_auth_methods_supported", List.of("private_key_jwt")));
        OTHERS.put("naming", OidcFixture.start().saying("authorization_response_iss_parameter_supported", true));
        OTHERS.put("impostor", OidcFixture.start().saying("issuer", "https://accounts.example.org"));
        OTHERS.put("open_token", OidcFixture.start().saying("token_endpoint", "http://evil.example/token"));
        OTHERS.put("open_keys", OidcFixture.start().saying("jwks_uri", "http://169.254.169.254/latest/meta-data"));
        OTHERS.put("file_keys", OidcFixture.start().saying("jwks_uri", "file:///etc/passwd"));
        Map<String, String> settings = new HashMap<>();
        OTHERS.forEach((name, fixture) -> settings.putAll(fixture.settings(name)));
        settings.putAll(OidcFixture.settings("down", "http://127.0.0.1:" + TestPorts.next()));
        visitors = OidcVisitors.start(folder, provider, settings);
    }

    @AfterEach
    void behaveAgain() {
        provider.behave(Behaviour.USUAL);
        OTHERS.values().forEach(other -> other.behave(Behaviour.USUAL));
    }

    @AfterAll
    static void stop() {
        visitors.close();
        OTHERS.values().forEach(OidcFixture::close);
    }

    private static OidcFixture other(String name) {
        return Objects.requireNonNull(OTHERS.get(name), name);
    }

    private static String person() {
        String email = People.address();
        visitors.people().register(email);
        return email;
    }

    private static Answer signIn(Browser browser, String name, String email) {
        OidcFixture other = other(name);
        URI there = browser.begin(name);
        String token = IdToken.rs256(other.key(0), other.claims(there, email, email));
        return browser.back(name, back(there, other.confirm(there, token)));
    }

    private static void unavailable(Answer answer) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(502);
        assertThat(answer.error("type")).isEqualTo("upstream_error");
        assertThat(answer.error("code")).isEqualTo("oidc_provider_unavailable");
    }

    @Test
    void aProviderThatIsAwayIsToldOfAndPasswordsStillWork() {
        unavailable(visitors.browser().get("/v1/auth/oidc/down"));

        assertThat(visitors.people().login(person(), People.PASSWORD).has("access_token"))
                .isTrue();
    }

    @ParameterizedTest
    @EnumSource(
            value = Behaviour.class,
            names = {"FAILING", "ENDLESS", "REDIRECTING"})
    void aProviderThatFailsOrSaysTooMuchOrSendsUsElsewhereIsNotFollowed(Behaviour behaviour) {
        OidcFixture fresh = other("fresh");
        int keys = fresh.asked("keys");
        fresh.behave(behaviour);

        unavailable(visitors.browser().get("/v1/auth/oidc/fresh"));
        assertThat(fresh.asked("keys")).isEqualTo(keys);
    }

    @Test
    void whatIsNoJsonIsNotUnderstood() {
        other("fresh").behave(Behaviour.BABBLING);

        Answer answer = visitors.browser().get("/v1/auth/oidc/fresh");

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("code")).isEqualTo("oidc_provider_unusable");
        assertThat(answer.text()).doesNotContain("Welcome");
    }

    @Test
    void aProviderThatSaysNothingIsWaitedForNoLongerThanItsDeadline() {
        Browser browser = visitors.browser();
        URI there = browser.begin(NAME);
        String code = provider.confirm(there, "never asked for");
        provider.behave(Behaviour.MUTE);
        long started = System.nanoTime();

        Answer answer = browser.back(NAME, back(there, code));

        unavailable(answer);
        assertThat(Duration.ofNanos(System.nanoTime() - started))
                .isBetween(Duration.ofSeconds(5), Duration.ofSeconds(15));
    }

    /** A client that waits less than that is answered when it gives up. */
    @Test
    void theDeadlineOfTheClientCounts() {
        other("silent").behave(Behaviour.MUTE);

        Answer answer = visitors.browser().get("/v1/auth/oidc/silent", Map.of("x-request-timeout-ms", "300"));

        assertThat(answer.status()).isEqualTo(504);
        assertThat(answer.error("code")).isEqualTo("deadline_exceeded");
    }

    @Test
    void newKeysAreTakenUpAtOnceAndNoMoreThanOnceAMinute() {
        OidcFixture rotating = other("rotating");
        String email = person();
        assertThat(signIn(visitors.browser(), "rotating", email).status()).isEqualTo(303);
        assertThat(signIn(visitors.browser(), "rotating", email).status()).isEqualTo(303);
        assertThat(rotating.asked("keys")).isEqualTo(1);
        assertThat(rotating.asked("discovery")).isEqualTo(1);

        rotating.rotate();
        Browser browser = visitors.browser();
        assertThat(signIn(browser, "rotating", email).status()).isEqualTo(303);
        assertThat(email(browser)).isEqualTo(email);
        assertThat(rotating.asked("keys")).isEqualTo(2);

        rotating.rotate();
        for (int i = 0; i < 3; i++) {
            assertThat(signIn(visitors.browser(), "rotating", email).error("code"))
                    .isEqualTo("oidc_token_invalid");
        }
        assertThat(rotating.asked("keys")).isEqualTo(2);
    }

    @Test
    void theSecretGoesWhereTheProviderWantsIt() {
        String email = person();
        Browser browser = visitors.browser();

        assertThat(signIn(browser, "post", email).status()).isEqualTo(303);
        assertThat(email(browser)).isEqualTo(email);
    }

    @Test
    void aProviderThatAlwaysNamesItselfMayNotLeaveItOut() {
        Browser browser = visitors.browser();
        String email = person();
        assertThat(signIn(browser, "naming", email).error("code")).isEqualTo("oidc_issuer_wrong");

        OidcFixture naming = other("naming");
        URI there = browser.begin("naming");
        String token = IdToken.rs256(naming.key(0), naming.claims(there, email, email));
        Map<String, String> parameters = back(there, naming.confirm(there, token));
        parameters.put("iss", naming.issuer());
        assertThat(browser.back("naming", parameters).status()).isEqualTo(303);
    }

    @ParameterizedTest
    @CsvSource({"impostor", "open_token", "open_keys", "file_keys", "key_only"})
    void aProviderThatIsNotWhoItSaysOrLeadsWhereOthersListenIsNotUsed(String name) {
        Browser browser = visitors.browser();

        Answer answer = browser.get("/v1/auth/oidc/" + name);

        assertThat(answer.status()).isEqualTo(502);
        assertThat(answer.error("code")).isEqualTo("oidc_provider_unusable");
        assertThat(browser.cookie("temponest_oidc")).isEmpty();
    }
}
