package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.json.Json;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keys of access tokens change under a running server, and nobody who has a good token notices. */
class KeyRotationTest {

    private static final Duration SOON = Duration.ofSeconds(20);

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static Path keys;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        keys = folder.resolve("jwt.pem");
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    private static int step(String name) {
        return Main.commandLine(Map.of()).execute("keys", name, "--data-dir", folder.toString());
    }

    private static String signIn() {
        AdminFile admin = TestServer.adminFile(folder);
        return server.admin()
                .post("/v1/auth/login", Map.of("email", admin.email(), "password", admin.password()))
                .json()
                .path("access_token")
                .asText();
    }

    private static String signer(String token) {
        String head = new String(Base64.getUrlDecoder().decode(token.split("\\.", 2)[0]), StandardCharsets.UTF_8);
        return Json.tree(head).path("kid").asText();
    }

    private static List<String> published() {
        return server.admin()
                .get("/.well-known/jwks.json")
                .json()
                .path("keys")
                .valueStream()
                .map(key -> key.path("kid").asText())
                .toList();
    }

    private static int status(String token) {
        try (ApiCaller caller = server.admin().as(token)) {
            return caller.get("/v1/auth/me").status();
        }
    }

    @Test
    void tokensOfTheOldKeyWorkUntilItIsRetiredAndNoRequestFailsMeanwhile() throws Exception {
        String old = signIn();
        AtomicBoolean over = new AtomicBoolean();
        AtomicInteger requests = new AtomicInteger();
        ConcurrentLinkedQueue<Integer> refusals = new ConcurrentLinkedQueue<>();
        Thread load = Thread.ofVirtual().start(() -> {
            try (ApiCaller holder = server.admin().as(old)) {
                while (!over.get()) {
                    requests.incrementAndGet();
                    int before = holder.get("/v1/auth/me").status();
                    int fresh = status(signIn());
                    if (before != 200 || fresh != 200) {
                        refusals.add(before * 1_000 + fresh);
                    }
                }
            }
        });

        assertThat(step("add")).isZero();
        await().atMost(SOON).until(() -> published().size() == 2);
        assertThat(signer(signIn())).isEqualTo(signer(old));

        assertThat(step("promote")).isZero();
        await().atMost(SOON).until(() -> !signer(signIn()).equals(signer(old)));
        String young = signIn();
        assertThat(status(old)).isEqualTo(200);
        assertThat(status(young)).isEqualTo(200);
        assertThat(published()).containsExactly(signer(young), signer(old));

        int soFar = requests.get();
        await().atMost(SOON).until(() -> requests.get() > soFar + 5);
        over.set(true);
        load.join(SOON);
        assertThat(refusals).isEmpty();
        assertThat(requests).hasValueGreaterThan(5);

        assertThat(step("retire")).isZero();
        await().atMost(SOON).until(() -> status(old) == 401);
        assertThat(status(young)).isEqualTo(200);
        assertThat(published()).containsExactly(signer(young));
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(keys)))
                .isEqualTo("rw-------");
    }

    @Test
    void aFileThatIsBrokenIsSaidToBeSoAndChangesNothing() throws IOException {
        byte[] good = Files.readAllBytes(keys);
        String token = signIn();
        List<String> before = published();

        Files.writeString(keys, "-----BEGIN PRIVATE KEY-----\nbm9uc2Vuc2U=\n-----END PRIVATE KEY-----\n");
        await().atMost(SOON).until(() -> server.process().log().contains("file.rejected"));

        assertThat(status(token)).isEqualTo(200);
        assertThat(published()).isEqualTo(before);
        assertThat(status(signIn())).isEqualTo(200);
        assertThat(step("add")).isEqualTo(Main.FAILED);
        Files.write(keys, good);
    }
}
