package io.temponest.gateway.oidc;

import io.temponest.crypto.SecretBox;
import io.vertx.core.Vertx;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/** The providers that people may sign in with, and what a browser keeps on the way. */
public final class SignInProviders {

    private final List<SignInProvider> all;
    private final FlowCookie cookie;

    private SignInProviders(List<SignInProvider> all, FlowCookie cookie) {
        this.all = List.copyOf(all);
        this.cookie = cookie;
    }

    public static SignInProviders of(Vertx vertx, OidcConfig config, SecretBox box, InstantSource clock) {
        if (config.providers().isEmpty()) {
            return new SignInProviders(List.of(), new FlowCookie(box));
        }
        ProviderHttp http = new ProviderHttp(vertx);
        return new SignInProviders(
                config.providers().stream()
                        .map(provider -> new SignInProvider(
                                vertx, provider, config.publicUrl().orElseThrow(), http, clock))
                        .toList(),
                new FlowCookie(box));
    }

    List<SignInProvider> all() {
        return all;
    }

    Optional<SignInProvider> find(String name) {
        return all.stream().filter(provider -> provider.name().equals(name)).findFirst();
    }

    FlowCookie cookie() {
        return cookie;
    }
}
