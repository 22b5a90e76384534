package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.net.URI;
import java.net.URLEncoder;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Collectors;

/** A browser, as far as it keeps the cookies of one server and sends them back. */
final class Browser {

    private final ApiCaller api;
    private final Map<String, String> cookies = new TreeMap<>();

    Browser(ApiCaller api) {
        this.api = api;
    }

    /** Another with the same cookies, as they are now. */
    Browser copy() {
        Browser other = new Browser(api);
        other.cookies.putAll(cookies);
        return other;
    }

    Browser without(String cookie) {
        cookies.remove(cookie);
        return this;
    }

    Browser with(String cookie, String value) {
        cookies.put(cookie, value);
        return this;
    }

    String cookie(String name) {
        return cookies.getOrDefault(name, "");
    }

    Answer get(String path) {
        return get(path, Map.of());
    }

    Answer get(String path, Map<String, String> headers) {
        Map<String, String> all = new TreeMap<>(headers);
        if (!cookies.isEmpty()) {
            all.put(
                    "Cookie",
                    cookies.entrySet().stream()
                            .map(cookie -> cookie.getKey() + "=" + cookie.getValue())
                            .collect(Collectors.joining("; ")));
        }
        Answer answer = api.send("GET", path, BodyPublishers.noBody(), all);
        answer.headers().getOrDefault("set-cookie", List.of()).forEach(this::take);
        return answer;
    }

    private void take(String header) {
        String[] pair = header.substring(0, header.indexOf(';')).split("=", 2);
        if (header.contains("Max-Age=0")) {
            cookies.remove(pair[0]);
        } else {
            cookies.put(pair[0], pair[1]);
        }
    }

    /** Begins to sign in. @return where the provider is */
    URI begin(String pathAndQuery) {
        Answer answer = get("/v1/auth/oidc/" + pathAndQuery);
        assertThat(answer.status()).as(answer.text()).isEqualTo(303);
        return URI.create(answer.header("location"));
    }

    /** Comes back from a provider. */
    Answer back(String provider, Map<String, String> parameters) {
        return get("/v1/auth/oidc/" + provider + "/callback?"
                + parameters.entrySet().stream()
                        .map(each -> each.getKey() + "=" + URLEncoder.encode(each.getValue(), StandardCharsets.UTF_8))
                        .collect(Collectors.joining("&")));
    }
}
