package io.temponest.cli;

import io.temponest.cli.ApiCaller.Answer;
import java.net.URI;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/** A server that asks a fixture who people are, and people who come by it. */
record OidcVisitors(People people, OidcFixture provider) implements AutoCloseable {

    static final String PUBLIC_URL = "https://temponest.example";
    static final String NAME = "fixture";

    /** @param more settings, by their full names */
    static OidcVisitors start(Path folder, OidcFixture provider, Map<String, String> more) {
        Map<String, String> settings = new HashMap<>(provider.settings(NAME));
        settings.put("TEMPONEST_PUBLIC_URL", PUBLIC_URL);
        settings.putAll(more);
        return new OidcVisitors(People.start(folder, settings), provider);
    }

    Browser browser() {
        return new Browser(people.anyone());
    }

    /** Somebody signs in whom the provider knows by this subject and address. */
    Answer signIn(Browser browser, String subject, String email) {
        return signIn(browser, subject, email, claims -> claims);
    }

    /** The same where the provider says something else. */
    Answer signIn(Browser browser, String subject, String email, UnaryOperator<Map<String, Object>> change) {
        return signInWith(
                browser, there -> IdToken.rs256(provider.key(0), change.apply(provider.claims(there, subject, email))));
    }

    /** The same with any token. */
    Answer signInWith(Browser browser, Function<URI, String> token) {
        URI there = browser.begin(NAME);
        return browser.back(NAME, back(there, provider.confirm(there, token.apply(there))));
    }

    /** What the browser takes back, with some of what providers add of their own. */
    static Map<String, String> back(URI there, String code) {
        return new HashMap<>(Map.of(
                "state",
                OidcFixture.parameters(there).getOrDefault("state", ""),
                "code",
                code,
                "session_state",
                "x.y",
                "scope",
                "openid email",
                "authuser",
                "0"));
    }

    /** Who the browser is signed in as. */
    static String email(Browser browser) {
        return browser.get("/v1/auth/me").json().path("email").asText();
    }

    @Override
    public void close() {
        people.close();
        provider.close();
    }
}
