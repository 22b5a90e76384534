package io.temponest.cli;

import static io.temponest.cli.OidcVisitors.NAME;
import static io.temponest.cli.OidcVisitors.back;
import static io.temponest.cli.OidcVisitors.email;
import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import io.temponest.cli.ApiCaller.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

/** What whoever wants to be somebody else, or somebody to be them, may try on the way through a provider. */
class OidcAttackTest {

    private static final String SUBJECT = "the-keeper";
    private static final String OTHER_NAME = "other";

    @TempDir
    private static Path folder;

    private static OidcVisitors visitors;
    private static OidcFixture provider;
    private static String email;
    private static JWK foreign;

    @BeforeAll
    static void start() throws JOSEException {
        provider = OidcFixture.start();
        visitors = OidcVisitors.start(folder, provider, provider.settings(OTHER_NAME));
        email = People.address();
        visitors.people().register(email);
        foreign = OidcFixture.rsaKey();
    }

    @AfterAll
    static void stop() {
        visitors.close();
    }

    private static String token(URI there) {
        return IdToken.rs256(provider.key(0), provider.claims(there, SUBJECT, email));
    }

    private static void refused(Browser browser, Answer answer, int status, String code) {
        assertThat(answer.status()).as(answer.text()).isEqualTo(status);
        assertThat(answer.error("code")).isEqualTo(code);
        assertThat(browser.cookie("__Host-temponest_session")).isEmpty();
    }

    @Test
    void aStateThatIsWrongOrMissingIsRefusedBeforeTheProviderIsAsked() {
        Browser browser = visitors.browser();
        URI there = browser.begin(NAME);
        String code = provider.confirm(there, token(there));
        int asked = provider.asked("token");
        Map<String, String> wrong = back(there, code);
        wrong.put("state", "x" + wrong.get("state"));
        Map<String, String> missing = back(there, code);
        missing.remove("state");

        refused(browser, browser.copy().back(NAME, wrong), 401, "oidc_state_invalid");
        Answer without = browser.copy().back(NAME, missing);
        refused(browser, without, 400, "missing_field");
        assertThat(without.error("param")).isEqualTo("state");
        Answer twice = browser.copy().get("/v1/auth/oidc/%s/callback?state=a&state=b&code=c".formatted(NAME));
        refused(browser, twice, 400, "repeated_parameter");
        assertThat(provider.asked("token")).isEqualTo(asked);
    }

    /** Else whoever lures somebody to their own answer has them signed in as the attacker. */
    @Test
    void aSignInIsFinishedInTheBrowserThatBeganIt() {
        Browser attacker = visitors.browser();
        URI there = attacker.begin(NAME);
        Map<String, String> lure = back(there, provider.confirm(there, token(there)));
        Browser without = visitors.browser();
        Browser withTheirOwn = visitors.browser();
        withTheirOwn.begin(NAME);
        String sealed = attacker.cookie("temponest_oidc");
        String altered = (sealed.charAt(40) == 'A' ? "B" : "A") + sealed.substring(41);
        Browser forger = visitors.browser().with("temponest_oidc", sealed.substring(0, 40) + altered);
        Browser babbler = visitors.browser().with("temponest_oidc", "%%%");

        for (Browser victim : List.of(without, withTheirOwn, forger, babbler)) {
            refused(victim, victim.back(NAME, lure), 401, "oidc_state_invalid");
        }
    }

    @Test
    void anAnswerOfOneProviderIsNotTakenForAnothers() {
        Browser browser = visitors.browser();
        URI there = browser.begin(NAME);

        Answer mixed = browser.back(OTHER_NAME, back(there, provider.confirm(there, token(there))));

        refused(browser, mixed, 401, "oidc_state_invalid");
    }

    @Test
    void aStateIsGoodOnceEvenWithItsCookieAndANewCode() {
        Browser browser = visitors.browser();
        URI there = browser.begin(NAME);
        Browser thief = browser.copy();
        assertThat(browser.back(NAME, back(there, provider.confirm(there, token(there))))
                        .status())
                .isEqualTo(303);
        assertThat(browser.cookie("temponest_oidc")).isEmpty();

        Answer again = thief.back(NAME, back(there, provider.confirm(there, token(there))));

        refused(thief, again, 401, "oidc_state_invalid");
    }

    @Test
    void aCodeIsGoodOnceAndForTheBrowserThatAskedForIt() {
        Browser first = visitors.browser();
        URI there = first.begin(NAME);
        String code = provider.confirm(there, token(there));
        assertThat(first.back(NAME, back(there, code)).status()).isEqualTo(303);
        Browser replaying = visitors.browser();
        refused(replaying, replaying.back(NAME, back(replaying.begin(NAME), code)), 401, "oidc_code_refused");

        URI victims = visitors.browser().begin(NAME);
        String stolen = provider.confirm(victims, token(victims));
        Browser thief = visitors.browser();
        Answer injected = thief.back(NAME, back(thief.begin(NAME), stolen));
        refused(thief, injected, 401, "oidc_code_refused");
        assertThat(injected.text()).doesNotContain("<b>", stolen);
    }

    record Forgery(String name, Function<URI, String> token) {

        @Override
        public String toString() {
            return name;
        }
    }

    private static Forgery claiming(String name, String claim, Object value) {
        return changed(name, claims -> {
            claims.put(claim, value);
            return claims;
        });
    }

    private static Forgery lacking(String claim) {
        return changed("without " + claim, claims -> {
            claims.remove(claim);
            return claims;
        });
    }

    private static Forgery changed(String name, UnaryOperator<Map<String, Object>> change) {
        return new Forgery(
                name, there -> IdToken.rs256(provider.key(0), change.apply(provider.claims(there, SUBJECT, email))));
    }

    private static Forgery signed(String name, JWSAlgorithm algorithm, Function<OidcFixture, JWK> key, int named) {
        return new Forgery(
                name,
                there -> IdToken.signed(
                        algorithm,
                        key.apply(provider),
                        provider.key(named).getKeyID(),
                        provider.claims(there, SUBJECT, email)));
    }

    static Stream<Forgery> forgeries() {
        long now = System.currentTimeMillis() / 1_000;
        return Stream.of(
                claiming("nonce of another sign-in", "nonce", "x".repeat(43)),
                lacking("nonce"),
                claiming("audience of another client", "aud", "another-client"),
                claiming("several audiences, none said to be meant", "aud", List.of(OidcFixture.CLIENT, "another")),
                claiming("made for another", "azp", "another-client"),
                lacking("aud"),
                claiming("another issuer", "iss", "https://evil.example"),
                claiming("the same issuer, almost", "iss", "http://127.0.0.1/"),
                lacking("iss"),
                claiming("expired", "exp", now - 120),
                lacking("exp"),
                claiming("issued in the future", "iat", now + 600),
                lacking("iat"),
                lacking("sub"),
                claiming("an empty subject", "sub", ""),
                claiming("an endless subject", "sub", "s".repeat(256)),
                new Forgery(
                        "alg none", there -> IdToken.unsigned(provider.key(0), provider.claims(there, SUBJECT, email))),
                new Forgery(
                        "the public key as a shared secret",
                        there -> IdToken.withThePublicKeyAsSecret(
                                (RSAKey) provider.key(0), provider.claims(there, SUBJECT, email))),
                signed("signed with another's key", JWSAlgorithm.RS256, any -> foreign, 0),
                signed("an algorithm that nobody asked for", JWSAlgorithm.RS512, any -> any.key(0), 0),
                signed("an RSA signature for an elliptic key", JWSAlgorithm.RS256, any -> any.key(0), 1),
                signed("an elliptic signature for an RSA key", JWSAlgorithm.ES256, any -> any.key(1), 0),
                new Forgery("claims changed after signing", OidcAttackTest::tampered),
                new Forgery(
                        "two of three parts",
                        there -> token(there).substring(0, token(there).lastIndexOf('.'))),
                new Forgery("no token", there -> "bearer"));
    }

    private static String tampered(URI there) {
        String[] genuine = token(there).split("\\.", -1);
        String other = IdToken.rs256(foreign, provider.claims(there, "somebody-else", email))
                .split("\\.", -1)[1];
        return genuine[0] + "." + other + "." + genuine[2];
    }

    @ParameterizedTest
    @MethodSource("forgeries")
    void anIdTokenThatIsNotWhatItMustBeIsNotBelieved(Forgery forgery) {
        visitors.people().server().awaitIndexedDocumentation();
        Map<String, Long> before = visitors.people().server().rows();
        Browser browser = visitors.browser();

        Answer answer = visitors.signInWith(browser, forgery.token());

        refused(browser, answer, 401, "oidc_token_invalid");
        Map<String, Long> after = visitors.people().server().rows();
        assertThat(after.get("user_sessions")).isEqualTo(before.get("user_sessions"));
        assertThat(after.get("user_identities")).isEqualTo(before.get("user_identities"));
    }

    static Stream<Forgery> genuine() {
        long now = System.currentTimeMillis() / 1_000;
        return Stream.of(
                signed("ES256", JWSAlgorithm.ES256, any -> any.key(1), 1),
                signed("PS256", JWSAlgorithm.PS256, any -> any.key(0), 0),
                changed("several audiences, of which we are meant", claims -> {
                    claims.put("aud", List.of("another", OidcFixture.CLIENT));
                    claims.put("azp", OidcFixture.CLIENT);
                    return claims;
                }),
                claiming("expired a moment ago", "exp", now - 10),
                claiming("of a clock that is a little fast", "iat", now + 10));
    }

    @ParameterizedTest
    @MethodSource("genuine")
    void anIdTokenThatIsWhatItMustBeIsBelieved(Forgery token) {
        Browser browser = visitors.browser();

        assertThat(visitors.signInWith(browser, token.token()).status()).isEqualTo(303);
        assertThat(email(browser)).isEqualTo(email);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "https://evil.example/",
                "//evil.example",
                "/\\evil.example",
                "\\\\evil.example",
                "/a\\..\\..\\evil",
                "/\t/evil.example",
                "/\n/evil.example",
                "/\r\nSet-Cookie: a=b",
                "/\u0000",
                "/\u00e9",
                " /runs",
                "runs",
                "javascript:alert(1)",
                ""
            })
    void nobodyIsSentElsewhereAfterwards(String target) {
        Browser browser = visitors.browser();
        Answer refused = browser.get(
                "/v1/auth/oidc/" + NAME + "?return_to=" + URLEncoder.encode(target, StandardCharsets.UTF_8));

        refused(browser, refused, 400, target.contains("\0") ? "text_not_storable" : "invalid_value");
        assertThat(refused.error("param")).isEqualTo("return_to");
        assertThat(browser.cookie("temponest_oidc")).isEmpty();
    }

    @ParameterizedTest
    @CsvSource({
        "access_denied, 401, oidc_access_denied",
        "login_required, 401, oidc_access_denied",
        "server_error, 502, oidc_provider_unavailable",
        "temporarily_unavailable, 502, oidc_provider_unavailable",
        "invalid_scope, 502, oidc_provider_unusable",
        "<script>alert(1)</script>, 502, oidc_provider_unusable"
    })
    void anErrorOfTheProviderIsToldInOurWords(String error, int status, String code) {
        Browser browser = visitors.browser();
        Map<String, String> parameters = back(browser.begin(NAME), "");
        parameters.remove("code");
        parameters.put("error", error);
        parameters.put("error_description", "<img src=x onerror=alert(1)>");

        Answer answer = browser.back(NAME, parameters);

        refused(browser, answer, status, code);
        assertThat(answer.text()).doesNotContain("<", "alert");
    }

    /** Nor does an error count that nobody's sign-in has led to. */
    @Test
    void anErrorWithoutASignInIsNoError() {
        Browser browser = visitors.browser();
        refused(browser, browser.back(NAME, Map.of("error", "access_denied", "state", "x")), 401, "oidc_state_invalid");
    }

    @Test
    void anAnswerThatNamesAnotherIssuerIsNotTheProviders() {
        Browser browser = visitors.browser();
        URI there = browser.begin(NAME);
        Map<String, String> wrong = back(there, provider.confirm(there, token(there)));
        wrong.put("iss", "https://evil.example");
        refused(browser, browser.back(NAME, wrong), 401, "oidc_issuer_wrong");

        URI again = browser.begin(NAME);
        Map<String, String> right = back(again, provider.confirm(again, token(again)));
        right.put("iss", provider.issuer());
        assertThat(browser.back(NAME, right).status()).isEqualTo(303);
    }

    @Test
    void whatNobodyHasConfiguredIsNotThere() {
        Browser browser = visitors.browser();
        refused(browser, browser.get("/v1/auth/oidc/nobody"), 404, "provider_not_found");
        refused(browser, browser.get("/v1/auth/oidc/nobody/callback?code=a&state=b"), 404, "provider_not_found");
        refused(browser, browser.get("/v1/auth/oidc/" + NAME + "?next=/runs"), 400, "unknown_parameter");
    }
}
