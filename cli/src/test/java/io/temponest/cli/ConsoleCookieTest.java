package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The console's cookie and what keeps other sites from using it. */
class ConsoleCookieTest {

    @TempDir
    private static Path folder;

    private static People people;

    @BeforeAll
    static void start() {
        people = People.start(folder);
    }

    @AfterAll
    static void stop() {
        people.close();
    }

    @Test
    void theConsolesCookieWorksOnlyForItsOwnPages() {
        String email = People.address();
        people.register(email);
        String login = "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(email, People.PASSWORD);
        Map<String, String> json = Map.of("Content-Type", "application/json");
        Answer foreign = people.anyone()
                .send(
                        "POST",
                        "/v1/auth/session",
                        BodyPublishers.ofString(login),
                        Map.of("Content-Type", "application/json", "Origin", "https://evil.example"));
        assertThat(foreign.error("code")).isEqualTo("csrf_failed");
        Answer in = people.anyone().send("POST", "/v1/auth/session", BodyPublishers.ofString(login), json);
        String header = String.join("", in.headers().getOrDefault("set-cookie", List.of()));
        assertThat(header).contains("; HttpOnly", "; Secure", "; SameSite=Lax", "; Path=/");
        String cookie = header.substring(0, header.indexOf(';'));
        assertThat(cookie).startsWith("__Host-");
        assertThat(header).doesNotContain("Domain");
        String csrf = in.json().path("csrf_token").asText();
        assertThat(in.text()).doesNotContain(cookie.substring(cookie.indexOf('=') + 1));
        assertThat(withCookie("GET", "/v1/auth/me", cookie, Map.of())
                        .json()
                        .path("csrf_token")
                        .asText())
                .isEqualTo(csrf);
        String projects = "/v1/projects";
        assertThat(withCookie("POST", projects, cookie, json).error("code")).isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", "x" + csrf))
                        .error("code"))
                .isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", csrf, "Origin", "null"))
                        .error("code"))
                .isEqualTo("csrf_failed");
        assertThat(withCookie(
                                "POST",
                                projects,
                                cookie,
                                Map.of("Content-Type", "application/json", "X-CSRF-Token", csrf))
                        .status())
                .isEqualTo(201);
        Answer out = withCookie("DELETE", "/v1/auth/session", cookie, Map.of("X-CSRF-Token", csrf));
        assertThat(String.join("", out.headers().getOrDefault("set-cookie", List.of())))
                .contains("Max-Age=0");
        assertThat(withCookie("GET", "/v1/auth/me", cookie, Map.of()).status()).isEqualTo(401);
    }

    private static Answer withCookie(String method, String path, String cookie, Map<String, String> headers) {
        Map<String, String> all = new java.util.HashMap<>(headers);
        all.put("Cookie", cookie);
        return people.anyone()
                .send(
                        method,
                        path,
                        method.equals("POST")
                                ? BodyPublishers.ofString(
                                        "{\"slug\":\"p%d\",\"name\":\"P\"}".formatted(System.nanoTime()))
                                : BodyPublishers.noBody(),
                        all);
    }
}
