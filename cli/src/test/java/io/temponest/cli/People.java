package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Ids;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/** People who come and go at a server, as tests play them. */
record People(Path folder, TestServer server, ApiCaller anyone) implements AutoCloseable {

    static final String PASSWORD = "a lamp turns twelve times";
    static final String OTHER = "eighteen nautical miles away";
    private static final Pattern TOKEN = Pattern.compile("tn[ip]_[A-Za-z0-9_-]{43}");

    static People start(Path folder) {
        return start(folder, Map.of());
    }

    /** @param more settings, by their full names */
    static People start(Path folder, Map<String, String> more) {
        TestServer server = TestServer.start(folder, more);
        return new People(folder, server, server.admin().as(""));
    }

    static String address() {
        return "keeper." + new Ids().nextTenant() + "@skerry.example";
    }

    JsonNode register(String email) {
        Answer made = anyone.post(
                "/v1/auth/register",
                Map.of(
                        "email",
                        email,
                        "password",
                        PASSWORD,
                        "full_name",
                        "Marta Olsen",
                        "tenant_name",
                        "Skerry & Sons"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        return made.json();
    }

    JsonNode login(String email, String password) {
        Answer in = anyone.post("/v1/auth/login", Map.of("email", email, "password", password));
        assertThat(in.status()).as(in.text()).isEqualTo(200);
        return in.json();
    }

    ApiCaller signedIn(String email) {
        return anyone.as(login(email, PASSWORD).path("access_token").asText());
    }

    static Answer patch(ApiCaller by, String path, String json) {
        return by.send("PATCH", path, BodyPublishers.ofString(json), Map.of("Content-Type", "application/json"));
    }

    /** The token in the newest message to an address. */
    String mailed(String email) {
        return await().atMost(Duration.ofSeconds(10))
                .until(() -> newest(email), Optional::isPresent)
                .orElseThrow();
    }

    private Optional<String> newest(String email) {
        if (!Files.isDirectory(folder.resolve("mail"))) {
            return Optional.empty();
        }
        try (Stream<Path> files = Files.list(folder.resolve("mail"))) {
            return files.filter(file -> file.toString().endsWith(".eml"))
                    .sorted(java.util.Comparator.reverseOrder())
                    .map(People::text)
                    .filter(text -> text.contains("To: " + email))
                    .findFirst()
                    .map(TOKEN::matcher)
                    .filter(Matcher::find)
                    .map(Matcher::group);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static String text(Path file) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Someone of the admin's tenant, with roles. @return the id */
    String member(ApiCaller admin, String guest, String... roles) {
        admin.post("/v1/invitations", Map.of("email", guest, "roles", List.of(roles)));
        Answer joined = anyone.post(
                "/v1/invitations/accept", Map.of("token", mailed(guest), "password", PASSWORD, "full_name", "Berit"));
        assertThat(joined.status()).as(joined.text()).isEqualTo(201);
        return joined.json().path("id").asText();
    }

    @Override
    public void close() {
        server.close();
    }
}
