package io.temponest.gateway.oidc;

import com.fasterxml.jackson.databind.JsonNode;
import com.nimbusds.jose.jwk.JWKSet;
import io.temponest.error.ApiException;
import io.temponest.gateway.oidc.IdTokens.Verified;
import io.temponest.gateway.oidc.ProviderHttp.Reply;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.text.ParseException;
import java.time.InstantSource;
import java.util.Base64;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Collectors;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * One provider, as a client of it sees it: the authorization code flow of OpenID Connect Core 1.0 with PKCE (RFC 7636). Safe for use
 * by any context; failures are {@link ApiException}s.
 */
final class SignInProvider {

    private static final Logger LOG = LoggerFactory.getLogger(SignInProvider.class);

    private static final int OK = 200;
    private static final int FIRST_OF_SERVER_ERRORS = 500;

    private final OidcProvider config;
    private final URI redirectUri;
    private final ProviderHttp http;
    private final InstantSource clock;
    private final Fetched<Metadata> metadata;
    private final Fetched<JWKSet> keys;

    SignInProvider(Vertx vertx, OidcProvider config, URI publicUrl, ProviderHttp http, InstantSource clock) {
        this.config = config;
        this.redirectUri = publicUrl.resolve("/v1/auth/oidc/" + config.name() + "/callback");
        this.http = http;
        this.clock = clock;
        this.metadata = new Fetched<>(vertx, clock, this::fetchMetadata);
        this.keys = new Fetched<>(vertx, clock, this::fetchKeys);
    }

    String name() {
        return config.name();
    }

    /** Where the browser is to go. */
    Future<URI> authorization(Flow flow) {
        return metadata.get().map(known -> {
            Map<String, String> parameters = new LinkedHashMap<>();
            parameters.put("response_type", "code");
            parameters.put("client_id", config.clientId());
            parameters.put("redirect_uri", redirectUri.toString());
            parameters.put("scope", "openid email");
            parameters.put("state", flow.state());
            parameters.put("nonce", flow.nonce());
            parameters.put("code_challenge", flow.challenge());
            parameters.put("code_challenge_method", "S256");
            String address = known.authorizationEndpoint().toString();
            return URI.create(address + (address.contains("?") ? "&" : "?") + form(parameters));
        });
    }

    /** Fails where an answer to the browser names another issuer, or none although this provider always does (RFC 9207). */
    Future<Void> checkIssuer(Optional<String> named) {
        return metadata.get().compose(known -> {
            boolean right = named.map(config.issuer()::equals).orElse(!known.namesIssuer());
            return right ? Future.succeededFuture() : Future.failedFuture(Refusal.ISSUER_WRONG.exception());
        });
    }

    /** Whom the provider means by a code that it gave to the browser. */
    Future<Claims> identify(String code, Flow flow) {
        return metadata.get()
                .compose(known -> exchange(known, code, flow))
                .map(this::idToken)
                .compose(token -> verify(token, flow));
    }

    private Future<Reply> exchange(Metadata known, String code, Flow flow) {
        Map<String, String> form = new LinkedHashMap<>();
        form.put("grant_type", "authorization_code");
        form.put("code", code);
        form.put("redirect_uri", redirectUri.toString());
        form.put("code_verifier", flow.verifier());
        Map<String, String> headers = new LinkedHashMap<>();
        headers.put("Content-Type", "application/x-www-form-urlencoded");
        String secret = config.clientSecret().reveal();
        if (known.basic()) {
            // Each part form-encoded before they are joined (RFC 6749, section 2.3.1).
            String both = encode(config.clientId()) + ":" + encode(secret);
            headers.put(
                    "Authorization",
                    "Basic " + Base64.getEncoder().encodeToString(both.getBytes(StandardCharsets.US_ASCII)));
        } else {
            form.put("client_id", config.clientId());
            form.put("client_secret", secret);
        }
        return http.post(known.tokenEndpoint(), headers, form(form)).recover(failure -> unavailable("token", failure));
    }

    private String idToken(Reply reply) {
        if (reply.status() >= FIRST_OF_SERVER_ERRORS) {
            throw unavailable("token", "status " + reply.status());
        }
        JsonNode body = read("token", reply);
        if (reply.status() != OK) {
            throw body.path("error").asText().equals("invalid_grant")
                    ? Refusal.CODE_REFUSED.exception()
                    : unusable("token", "status " + reply.status());
        }
        if (!body.path("id_token").isTextual()) {
            throw unusable("token", "no ID token");
        }
        return body.path("id_token").asText();
    }

    /** Keys change; one that is not known may be new. */
    private Future<Claims> verify(String token, Flow flow) {
        return keys.get()
                .map(known -> verify(token, known, flow))
                .compose(first -> first instanceof Verified.UnknownKey
                        ? keys.renewed().map(newer -> verify(token, newer, flow))
                        : Future.succeededFuture(first))
                .map(verified -> switch (verified) {
                    case Verified.Valid(Claims claims) -> claims;
                    case Verified.UnknownKey() -> throw invalid("key");
                    case Verified.Invalid(String reason) -> throw invalid(reason);
                });
    }

    private Verified verify(String token, JWKSet known, Flow flow) {
        return IdTokens.verify(token, known, config, flow.nonce(), clock.instant());
    }

    private ApiException invalid(String reason) {
        LOG.atWarn()
                .addKeyValue("provider", config.name())
                .addKeyValue("reason", reason)
                .log("oidc.token_invalid");
        return Refusal.TOKEN_INVALID.exception();
    }

    private Future<Metadata> fetchMetadata() {
        return fetch("discovery", Metadata.address(config.issuer())).map(document -> {
            try {
                return Metadata.read(document, config.issuer());
            } catch (IllegalArgumentException e) {
                throw unusable("discovery", String.valueOf(e.getMessage()));
            }
        });
    }

    private Future<JWKSet> fetchKeys() {
        return metadata.get().compose(known -> fetch("keys", known.jwksUri())).map(document -> {
            try {
                return JWKSet.parse(document.toString());
            } catch (ParseException e) {
                throw unusable("keys", "no set of keys");
            }
        });
    }

    private Future<JsonNode> fetch(String what, URI url) {
        return http.get(url).recover(failure -> unavailable(what, failure)).map(reply -> {
            if (reply.status() != OK) {
                throw unavailable(what, "status " + reply.status());
            }
            return read(what, reply);
        });
    }

    private JsonNode read(String what, Reply reply) {
        try {
            return Json.read(reply.body().getBytes(), JsonNode.class);
        } catch (java.io.UncheckedIOException e) {
            throw unusable(what, "no JSON");
        }
    }

    private <T> Future<T> unavailable(String what, Throwable failure) {
        return Future.failedFuture(unavailable(what, String.valueOf(failure)));
    }

    private ApiException unavailable(String what, String cause) {
        return failed(Refusal.PROVIDER_UNAVAILABLE, what, cause);
    }

    private ApiException unusable(String what, String cause) {
        return failed(Refusal.PROVIDER_UNUSABLE, what, cause);
    }

    private ApiException failed(Refusal refusal, String what, String cause) {
        LOG.atWarn()
                .addKeyValue("provider", config.name())
                .addKeyValue("endpoint", what)
                .addKeyValue("cause", cause)
                .log("oidc.provider_failed");
        return refusal.exception();
    }

    private static String form(Map<String, String> fields) {
        return fields.entrySet().stream()
                .map(field -> field.getKey() + "=" + encode(field.getValue()))
                .collect(Collectors.joining("&"));
    }

    private static String encode(String text) {
        return URLEncoder.encode(text, StandardCharsets.UTF_8);
    }
}
