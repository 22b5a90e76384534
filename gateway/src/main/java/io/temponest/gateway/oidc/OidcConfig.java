package io.temponest.gateway.oidc;

import io.temponest.config.Environment;
import io.temponest.config.Secret;
import io.temponest.config.Setting;
import java.net.URI;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Whom people may sign in with.
 *
 * @param publicUrl where browsers find this server, without a path; there where there are providers
 */
public record OidcConfig(Optional<URI> publicUrl, List<OidcProvider> providers) {

    /** No provider. */
    public static final OidcConfig NONE = new OidcConfig(Optional.empty(), List.of());

    private static final Pattern NAME = Pattern.compile("[a-z0-9]+(?:_[a-z0-9]+)*");
    private static final int LONGEST_NAME = 32;
    private static final Set<String> THIS_MACHINE = Set.of("127.0.0.1", "localhost", "[::1]");

    public OidcConfig {
        providers = List.copyOf(providers);
    }

    /** Reads {@code TEMPONEST_PUBLIC_URL} and {@code TEMPONEST_OIDC_<NAME>_…}; mistakes are told to the environment. */
    public static OidcConfig read(Environment environment) {
        Optional<URI> publicUrl = environment.parsed(Setting.PUBLIC_URL, OidcConfig::publicUrl);
        List<String> names = environment.oidcNames();
        if (!names.isEmpty() && environment.optional(Setting.PUBLIC_URL).isEmpty()) {
            environment.problem("%s must be set: it is where '%s' sends people back to"
                    .formatted(Setting.PUBLIC_URL.variable(), names.getFirst()));
        }
        return new OidcConfig(
                publicUrl,
                names.stream()
                        .flatMap(name -> provider(environment, name).stream())
                        .toList());
    }

    private static URI publicUrl(String text) {
        String base = text.endsWith("/") ? text.substring(0, text.length() - 1) : text;
        return secure(base)
                .filter(url -> url.getRawPath().isEmpty() && url.getRawQuery() == null)
                .orElseThrow(() -> new IllegalArgumentException(
                        "must be an https URL without a path (http only for this machine), not '%s'".formatted(text)));
    }

    private static Optional<OidcProvider> provider(Environment environment, String name) {
        if (!NAME.matcher(name).matches() || name.length() > LONGEST_NAME) {
            environment.problem(
                    "%s: '%s' cannot be a provider's name".formatted(environment.oidcVariable(name, "ISSUER"), name));
            return Optional.empty();
        }
        Optional<String> issuer = required(environment, name, "ISSUER");
        Optional<String> id = required(environment, name, "CLIENT_ID");
        Optional<String> secret = required(environment, name, "CLIENT_SECRET");
        if (issuer.isEmpty() || id.isEmpty() || secret.isEmpty()) {
            return Optional.empty();
        }
        if (secure(issuer.get()).filter(url -> url.getRawQuery() == null).isEmpty()) {
            environment.problem("%s must be an https URL without a query (http only for this machine), not '%s'"
                    .formatted(environment.oidcVariable(name, "ISSUER"), issuer.get()));
            return Optional.empty();
        }
        return Optional.of(new OidcProvider(name, issuer.get(), id.get(), new Secret(secret.get())));
    }

    private static Optional<String> required(Environment environment, String name, String key) {
        Optional<String> value = environment.oidc(name, key);
        if (value.isEmpty()) {
            environment.problem("%s must be set: a provider has an issuer, a client id and a client secret"
                    .formatted(environment.oidcVariable(name, key)));
        }
        return value;
    }

    /** An absolute URL over which nobody else reads: https, or http that does not leave this machine. */
    static Optional<URI> secure(String text) {
        try {
            URI url = URI.create(text);
            boolean safe = "https".equals(url.getScheme())
                    || ("http".equals(url.getScheme()) && THIS_MACHINE.contains(String.valueOf(url.getHost())));
            return Optional.of(url)
                    .filter(some -> safe
                            && some.getHost() != null
                            && some.getRawUserInfo() == null
                            && some.getRawFragment() == null);
        } catch (IllegalArgumentException e) {
            return Optional.empty();
        }
    }
}
