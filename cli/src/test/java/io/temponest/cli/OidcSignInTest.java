package io.temponest.cli;

import static io.temponest.cli.OidcVisitors.NAME;
import static io.temponest.cli.OidcVisitors.email;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Ids;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import no.nav.security.mock.oauth2.MockOAuth2Server;
import no.nav.security.mock.oauth2.token.DefaultOAuth2TokenCallback;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is signed in when a provider says who it is. */
class OidcSignInTest {

    @TempDir
    private static Path folder;

    private static MockOAuth2Server real;
    private static OidcVisitors visitors;

    @BeforeAll
    static void start() throws Exception {
        real = new MockOAuth2Server();
        real.start();
        awaken();
        visitors = OidcVisitors.start(
                folder,
                OidcFixture.start(),
                OidcFixture.settings("real", real.issuerUrl("skerry").toString()));
    }

    /** Its first answers take longer than anybody waits for a provider, on a machine with much else to do. */
    private static void awaken() throws Exception {
        try (HttpClient http = HttpClient.newHttpClient()) {
            for (URI url : List.of(
                    real.wellKnownUrl("skerry").uri(), real.jwksUrl("skerry").uri())) {
                assertThat(http.send(HttpRequest.newBuilder(url).build(), BodyHandlers.discarding())
                                .statusCode())
                        .isEqualTo(200);
            }
        }
        assertThat(real.issueToken("skerry", "nobody").serialize()).isNotEmpty();
    }

    @AfterAll
    static void stop() {
        visitors.close();
        real.shutdown();
    }

    private static String subject() {
        return "subject-" + new Ids().nextTenant();
    }

    /** Somebody who has registered. */
    private static String person() {
        String email = People.address();
        visitors.people().register(email);
        return email;
    }

    private static void execute(String sql, Object... parameters) {
        assertThat(visitors.people().server().database().execute(sql, parameters))
                .isEqualTo(1);
    }

    /** The newest entries of sign-ins in the log of somebody's tenant. */
    private static JsonNode logins(String email) {
        try (ApiCaller api = visitors.people().signedIn(email)) {
            return api.get("/v1/audit?action=login").json().path("data");
        }
    }

    @Test
    void theProvidersAreListedForThePageToSignInOn() {
        Answer list = visitors.people().anyone().get("/v1/auth/oidc");

        assertThat(list.status()).isEqualTo(200);
        assertThat(list.json().path("data").toString())
                .isEqualTo(
                        "[{\"object\":\"oidc_provider\",\"name\":\"fixture\",\"url\":\"/v1/auth/oidc/fixture\"},{\"object\":\"oidc_provider\",\"name\":\"real\",\"url\":\"/v1/auth/oidc/real\"}]");
    }

    @Test
    void aPersonSignsInToTheConsoleThroughAServerThatIsNotOurs() throws Exception {
        String email = person();
        real.enqueueCallback(new DefaultOAuth2TokenCallback(
                "skerry", subject(), "JWT", List.of(), Map.of("email", email, "email_verified", true)));
        Browser browser = visitors.browser();
        URI there = browser.begin("real?return_to=/runs%3Fstatus=failed");
        URI back;
        try (HttpClient http = HttpClient.newHttpClient()) {
            back = URI.create(http.send(HttpRequest.newBuilder(there).build(), BodyHandlers.ofString())
                    .headers()
                    .firstValue("location")
                    .orElseThrow());
        }
        assertThat(back.toString()).startsWith("https://temponest.example/v1/auth/oidc/real/callback?");

        Answer in = browser.get(back.getRawPath() + "?" + back.getRawQuery());

        assertThat(in.status()).as(in.text()).isEqualTo(303);
        assertThat(in.header("location")).isEqualTo("/runs?status=failed");
        assertThat(in.text()).isEmpty();
        JsonNode me = browser.get("/v1/auth/me").json();
        assertThat(me.path("email").asText()).isEqualTo(email);
        assertThat(me.path("roles").toString()).isEqualTo("[\"admin\"]");
        // The session is the console's: changes need its CSRF token.
        Map<String, String> headers = new HashMap<>(Map.of(
                "Content-Type",
                "application/json",
                "Cookie",
                "__Host-temponest_session=" + browser.cookie("__Host-temponest_session")));
        assertThat(project(headers).error("code")).isEqualTo("csrf_failed");
        headers.put("X-CSRF-Token", me.path("csrf_token").asText());
        assertThat(project(headers).status()).isEqualTo(201);
    }

    private static Answer project(Map<String, String> headers) {
        return visitors.people()
                .anyone()
                .send("POST", "/v1/projects", BodyPublishers.ofString("{\"slug\":\"oidc\",\"name\":\"O\"}"), headers);
    }

    @Test
    void whatTheBrowserTakesToTheProviderIsWhatTheProtocolDemandsAndNoMore() {
        Browser browser = visitors.browser();
        Answer begun = browser.get("/v1/auth/oidc/" + NAME, Map.of("X-Forwarded-Host", "evil.example"));
        URI there = URI.create(begun.header("location"));
        Map<String, String> sent = OidcFixture.parameters(there);

        assertThat(there.toString()).startsWith(visitors.provider().issuer() + "/authorize?tenant=skerry&");
        assertThat(sent)
                .containsOnlyKeys(
                        "tenant",
                        "response_type",
                        "client_id",
                        "redirect_uri",
                        "scope",
                        "state",
                        "nonce",
                        "code_challenge",
                        "code_challenge_method")
                .containsEntry("response_type", "code")
                .containsEntry("client_id", OidcFixture.CLIENT)
                .containsEntry("redirect_uri", "https://temponest.example/v1/auth/oidc/fixture/callback")
                .containsEntry("scope", "openid email")
                .containsEntry("code_challenge_method", "S256");
        assertThat(begun.header("set-cookie"))
                .matches(
                        "temponest_oidc=[A-Za-z0-9_-]+; Max-Age=600; Path=/v1/auth/oidc; HttpOnly; Secure; SameSite=Lax");
        assertThat(browser.cookie("temponest_oidc")).doesNotContain(sent.get("state"), sent.get("nonce"));
    }

    @Test
    void onceLinkedTheSubjectDecidesAndNotTheAddress() {
        String email = person();
        String stranger = person();
        String subject = subject();
        Browser first = visitors.browser();
        assertThat(visitors.signIn(first, subject, email.toUpperCase(Locale.ROOT))
                        .header("location"))
                .isEqualTo("/");
        assertThat(email(first)).isEqualTo(email);
        assertThat(first.cookie("temponest_oidc")).isEmpty();

        Browser renamed = visitors.browser();
        assertThat(visitors.signIn(renamed, subject, stranger).status()).isEqualTo(303);
        assertThat(email(renamed)).isEqualTo(email);
        Browser unverified = visitors.browser();
        visitors.signIn(unverified, subject, stranger, claims -> {
            claims.remove("email");
            claims.put("email_verified", false);
            return claims;
        });
        assertThat(email(unverified)).isEqualTo(email);

        JsonNode entry = logins(email).path(1);
        assertThat(entry.path("outcome").asText()).isEqualTo("success");
        assertThat(entry.path("details").toString())
                .contains("\"method\":\"oidc\"", "\"provider\":\"fixture\"", "\"subject\":\"" + subject + "\"");
    }

    @Test
    void aSecondSubjectOfTheSameIssuerIsRefusedAndNoted() {
        String email = person();
        String subject = subject();
        assertThat(visitors.signIn(visitors.browser(), subject, email).status()).isEqualTo(303);

        Browser second = visitors.browser();
        Answer refused = visitors.signIn(second, subject(), email);

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.error("code")).isEqualTo("oidc_identity_conflict");
        assertThat(second.cookie("__Host-temponest_session")).isEmpty();
        JsonNode entry = logins(email).path(1);
        assertThat(entry.path("outcome").asText()).isEqualTo("failure");
        assertThat(entry.at("/details/reason").asText()).isEqualTo("oidc_identity_conflict");
        assertThat(visitors.signIn(visitors.browser(), subject, email).status()).isEqualTo(303);
    }

    @Test
    void whoeverIsUnknownGetsNoAccount() {
        visitors.people().server().awaitIndexedDocumentation();
        Map<String, Long> before = visitors.people().server().rows();
        Browser browser = visitors.browser();

        Answer refused = visitors.signIn(browser, subject(), People.address());

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.error("code")).isEqualTo("oidc_account_unknown");
        assertThat(browser.cookie("__Host-temponest_session")).isEmpty();
        Map<String, Long> after = visitors.people().server().rows();
        for (String table : List.of("users", "tenants", "user_identities", "user_sessions")) {
            assertThat(after.get(table)).as(table).isEqualTo(before.get(table));
        }
    }

    @Test
    void anAddressThatIsNotVerifiedLinksNobody() {
        String email = person();
        for (Object value : List.of(false, "true", 1, "absent")) {
            Answer refused = visitors.signIn(visitors.browser(), subject(), email, claims -> {
                claims.put("email_verified", value);
                if (value.equals("absent")) {
                    claims.remove("email_verified");
                }
                return claims;
            });
            assertThat(refused.error("code")).as(value.toString()).isEqualTo("oidc_email_unverified");
        }
        assertThat(logins(email).path(1).at("/details/reason").asText()).isEqualTo("oidc_email_unverified");
    }

    /** U+212A is no k, though a database may fold it to one. */
    @ParameterizedTest
    @ValueSource(strings = {"\u212Aeeper", "keeper\u0000", "ke\u0435per", "keeper ", ""})
    void anAddressThatOnlyLooksLikeSomebodysIsNobodys(String local) {
        String email = person();

        Answer refused = visitors.signIn(visitors.browser(), subject(), local + email.substring("keeper".length()));

        assertThat(refused.status()).isEqualTo(401);
        assertThat(refused.error("code")).isEqualTo("oidc_account_unknown");
    }

    /** Nor is somebody found whose address, of times when any could be registered, the database may take for another's. */
    @Test
    void somebodyWithALookalikeOfTheAddressIsNotFound() {
        String tail = People.address().substring("keeper".length());
        visitors.people().register("keeper" + tail);
        execute("update users set email = ? where email = ?", "\u212Aeeper" + tail, "keeper" + tail);

        Answer refused = visitors.signIn(visitors.browser(), subject(), "keeper" + tail);

        assertThat(refused.error("code")).isEqualTo("oidc_account_unknown");
    }

    @Test
    void whoeverIsDeactivatedStaysOutLinkedOrNot() {
        String email = person();
        String subject = subject();
        execute("update users set active = false where email = ?", email);
        assertThat(visitors.signIn(visitors.browser(), subject, email).error("code"))
                .isEqualTo("oidc_account_inactive");
        execute("update users set active = true where email = ?", email);
        assertThat(visitors.signIn(visitors.browser(), subject, email).status()).isEqualTo(303);
        execute("update users set active = false where email = ?", email);
        assertThat(visitors.signIn(visitors.browser(), subject, email).error("code"))
                .isEqualTo("oidc_account_inactive");
        execute("update users set active = true where email = ?", email);
        assertThat(logins(email).path(1).at("/details/reason").asText()).isEqualTo("oidc_account_inactive");

        String ofTheirTenant = "update tenants set active = ? where id = (select tenant_id from users where email = ?)";
        execute(ofTheirTenant, false, email);
        assertThat(visitors.signIn(visitors.browser(), subject, email).error("code"))
                .isEqualTo("oidc_account_inactive");
        execute(ofTheirTenant, true, email);
        assertThat(visitors.signIn(visitors.browser(), subject, email).status()).isEqualTo(303);
    }

    /** Wrong passwords slow down guessing at passwords; whom a provider confirms has not guessed. */
    @Test
    void theLockOfAPasswordDoesNotHold() {
        String email = person();
        for (int i = 0; i < 6; i++) {
            visitors.people().anyone().post("/v1/auth/login", Map.of("email", email, "password", People.OTHER));
        }
        try {
            assertThat(visitors.signIn(visitors.browser(), subject(), email).status())
                    .isEqualTo(303);
        } finally {
            visitors.people().server().database().execute("delete from sign_in_locks");
        }
    }

    @Test
    void peopleOfTwoTenantsEndUpEachInTheirOwn() {
        String one = person();
        String other = person();
        String subject = subject();
        Browser ofOne = visitors.browser();
        Browser ofOther = visitors.browser();
        visitors.signIn(ofOne, subject, one);
        visitors.signIn(ofOther, subject(), other);

        JsonNode there = ofOther.get("/v1/auth/me").json();
        JsonNode here = ofOne.get("/v1/auth/me").json();
        assertThat(there.path("email").asText()).isEqualTo(other);
        assertThat(here.path("tenant_id")).isNotEqualTo(there.path("tenant_id"));
        // What is one's identity cannot become another's, whatever address it comes with.
        assertThat(visitors.signIn(ofOther, subject, other).status()).isEqualTo(303);
        assertThat(email(ofOther)).isEqualTo(one);
    }

    /** The person is gone; whoever has the address later is somebody else. */
    @Test
    void theIdentityOfSomebodyWhoWasDeletedIsForgotten() {
        String admin = person();
        String guest = People.address();
        String subject = subject();
        try (ApiCaller api = visitors.people().signedIn(admin)) {
            String id = visitors.people().member(api, guest, "viewer");
            assertThat(visitors.signIn(visitors.browser(), subject, guest).status())
                    .isEqualTo(303);
            assertThat(api.delete("/v1/users/" + id).status()).isEqualTo(204);
            assertThat(visitors.signIn(visitors.browser(), subject, guest).error("code"))
                    .isEqualTo("oidc_account_unknown");
            visitors.people().member(api, guest, "viewer");
        }
        Browser again = visitors.browser();
        assertThat(visitors.signIn(again, subject, guest).status()).isEqualTo(303);
        assertThat(email(again)).isEqualTo(guest);
    }
}
