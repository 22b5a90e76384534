package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.gateway.auth.AccessToken;
import io.temponest.gateway.auth.AccessTokens;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who gets in, with what, and what they get to see. */
@Tag("alone")
class HttpAccessTest {

    private static final String RUNS = "/v1/agents/developer/runs";
    private static final Base64.Encoder BASE64 = Base64.getUrlEncoder().withoutPadding();

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;
    private static String collection;
    private static String document;
    private static String run;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
        collection = TestServer.collection(api, "lighthouse");
        document = api.get("/v1/collections/" + collection + "/documents")
                .json()
                .at("/data/0/id")
                .asText();
        run = server.answeredRun(collection);
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "nonsense", "tn_0123456789", "a.b.c"})
    void aRequestWithoutCredentialsOfOursIsRefused(String credentials) {
        Answer answer = api.as(credentials).get("/v1/runs");

        assertThat(answer.status()).isEqualTo(401);
        assertThat(answer.error("type")).isEqualTo("authentication_error");
        assertThat(answer.headers()).containsKey("www-authenticate");
    }

    @Test
    void aTokenWorksUntilItExpiresOrIsTouched() {
        JwtKeys keys = JwtKeys.readOrMake(folder);
        AccessTokens tokens = new AccessTokens(keys);
        AdminFile admin = TestServer.adminFile(folder);
        String good = api.as("")
                .post("/v1/auth/login", Map.of("email", admin.email(), "password", admin.password()))
                .json()
                .path("access_token")
                .asText();
        JsonNode claims =
                Json.tree(new String(Base64.getUrlDecoder().decode(good.split("\\.", -1)[1]), StandardCharsets.UTF_8));
        String expired = tokens.sign(new AccessToken(
                "t1",
                new io.temponest.identity.Ids().next(Kind.USER_SESSION),
                io.temponest.identity.TypeId.parse(Kind.USER, claims.path("sub").asText())
                        .orElseThrow(),
                new io.temponest.identity.TenantId(io.temponest.identity.TypeId.parse(
                                Kind.TENANT, claims.path("tid").asText())
                        .orElseThrow()
                        .uuid()),
                List.of("admin"),
                EnumSet.allOf(Permission.class),
                Instant.now().minusSeconds(1_000),
                Instant.now().minusSeconds(1)));
        String[] parts = good.split("\\.", -1);
        String none = encode("{\"alg\":\"none\",\"typ\":\"JWT\"}") + "." + parts[1] + ".";

        assertThat(api.as(good).get("/v1/auth/me").status()).isEqualTo(200);
        assertThat(api.as(expired).get("/v1/auth/me").error("code")).isEqualTo("token_expired");
        assertThat(api.as(none).get("/v1/auth/me").error("code")).isEqualTo("token_invalid");
        assertThat(api.as(parts[0] + "." + encode(claims.toString().replace("admin", "owner")) + "." + parts[2])
                        .get("/v1/auth/me")
                        .error("code"))
                .isEqualTo("token_invalid");
    }

    private static String encode(String json) {
        return BASE64.encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }

    @Test
    void anotherTenantGetsFourHundredAndFourForEverythingAndListsNothing() {
        try (ApiCaller stranger = server.stranger()) {
            String inside = "/v1/collections/" + collection;
            for (String path : List.of(
                    "/v1/runs/" + run,
                    "/v1/runs/" + run + "/steps",
                    "/v1/runs/" + run + "/events",
                    inside,
                    inside + "/documents",
                    inside + "/documents/" + document)) {
                assertThat(api.get(path).status()).as(path).isEqualTo(200);
                assertThat(stranger.get(path).status()).as(path).isEqualTo(404);
            }
            assertThat(stranger.post("/v1/runs/" + run + "/cancel", "").status())
                    .isEqualTo(404);
            assertThat(stranger.post(inside + "/search", Map.of("query", "keeper"))
                            .status())
                    .isEqualTo(404);
            assertThat(stranger.upload(inside + "/documents", "a.txt", new byte[] {'a'})
                            .status())
                    .isEqualTo(404);
            assertThat(stranger.delete(inside + "/documents/" + document).status())
                    .isEqualTo(404);
            assertThat(stranger.delete(inside).status()).isEqualTo(404);
            for (String list : List.of("/v1/runs", "/v1/collections", "/v1/agents", "/v1/projects")) {
                assertThat(stranger.get(list).json().path("data")).as(list).isEmpty();
            }
            assertThat(stranger.get("/v1/runs/count").json().path("count").asInt())
                    .isZero();
        }
        assertThat(api.get("/v1/collections/" + collection + "/documents/" + document)
                        .status())
                .isEqualTo(200);
    }

    @Test
    void aKeyThatIsRevokedStopsWorkingAtOnceAndItsSecretIsShownOnce() {
        JsonNode issued = api.post("/v1/api-keys", Map.of("name", "ci", "scopes", List.of("runs:read")))
                .json();
        try (ApiCaller key = api.as(issued.path("key").asText())) {
            assertThat(key.get("/v1/runs").status()).isEqualTo(200);
            assertThat(key.post(RUNS, Map.of("input", "x")).status()).isEqualTo(403);
            assertThat(api.get("/v1/api-keys").text())
                    .doesNotContain(issued.path("key").asText());
            assertThat(api.delete("/v1/api-keys/" + issued.path("id").asText()).status())
                    .isEqualTo(204);
            await().atMost(Duration.ofSeconds(2))
                    .until(() -> key.get("/v1/runs").status() == 401);
        }
    }
}
