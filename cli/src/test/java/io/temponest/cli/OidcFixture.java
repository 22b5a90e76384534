package io.temponest.cli;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.ECKeyGenerator;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import io.temponest.identity.Ids;
import io.temponest.identity.Sha256;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.URI;
import java.net.URLDecoder;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Base64;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.stream.Collectors;

/**
 * An OpenID Connect provider over real sockets that signs with keys of its own and misbehaves as it is told. It holds clients to
 * what RFC 6749 and RFC 7636 demand of them: their secret, the redirect URI, the verifier, and a code once.
 */
final class OidcFixture implements AutoCloseable {

    static final String CLIENT = "temponest";
    static final String SECRET = "a secret: with +, & and ü";

    private final HttpServer server;
    private final CountDownLatch closing = new CountDownLatch(1);
    private final Map<String, Grant> grants = new ConcurrentHashMap<>();
    private final Map<String, AtomicInteger> asked = new ConcurrentHashMap<>();
    private final Map<String, Object> metadata = new ConcurrentHashMap<>();
    private volatile List<JWK> keys;
    private volatile Behaviour behaviour = Behaviour.USUAL;

    /** What it does with any request. */
    enum Behaviour {
        USUAL,
        /** It takes requests and says nothing. */
        MUTE,
        FAILING,
        /** It answers more than anybody should read. */
        ENDLESS,
        /** It answers what is no JSON. */
        BABBLING,
        /** It sends its clients elsewhere. */
        REDIRECTING
    }

    /** A code that it gave away: with what it was asked for, and the token that is to be had for it. */
    private record Grant(Map<String, String> request, String token) {}

    private OidcFixture() throws IOException, JOSEException {
        keys = List.of(rsaKey(), ecKey());
        server = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
        server.createContext("/.well-known/openid-configuration", exchange -> answer(exchange, "discovery"));
        server.createContext("/keys", exchange -> answer(exchange, "keys"));
        server.createContext("/token", exchange -> answer(exchange, "token"));
        server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
        server.start();
    }

    static OidcFixture start() {
        try {
            return new OidcFixture();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static RSAKey rsaKey() throws JOSEException {
        return new RSAKeyGenerator(2_048)
                .keyID(new Ids().nextTenant().toString())
                .generate();
    }

    private static JWK ecKey() throws JOSEException {
        return new ECKeyGenerator(Curve.P_256)
                .keyID("elliptic")
                .algorithm(JWSAlgorithm.ES256)
                .generate();
    }

    String issuer() {
        return "http://127.0.0.1:" + server.getAddress().getPort();
    }

    /** What a server is told of it. */
    Map<String, String> settings(String name) {
        return settings(name, issuer());
    }

    static Map<String, String> settings(String name, String issuer) {
        String start = "TEMPONEST_OIDC_" + name.toUpperCase(java.util.Locale.ROOT);
        return Map.of(start + "_ISSUER", issuer, start + "_CLIENT_ID", CLIENT, start + "_CLIENT_SECRET", SECRET);
    }

    void behave(Behaviour now) {
        behaviour = now;
    }

    /** Says something else of itself. */
    OidcFixture saying(String field, Object value) {
        metadata.put(field, value);
        return this;
    }

    JWK key(int which) {
        return keys.get(which);
    }

    /** Takes other keys into use, at once. */
    void rotate() {
        try {
            keys = List.of(rsaKey(), ecKey());
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    /** How often an endpoint was asked. */
    int asked(String endpoint) {
        return asked.getOrDefault(endpoint, new AtomicInteger()).get();
    }

    /** The parameters of a URL. */
    static Map<String, String> parameters(URI url) {
        return form(url.getRawQuery());
    }

    private static Map<String, String> form(String text) {
        return Arrays.stream(text.split("&"))
                .map(pair -> pair.split("=", 2))
                .collect(Collectors.toMap(pair -> decode(pair[0]), pair -> decode(pair[1])));
    }

    private static String decode(String text) {
        return URLDecoder.decode(text, StandardCharsets.UTF_8);
    }

    /** The claims of an ID token for somebody who was sent here, as they have to be. */
    Map<String, Object> claims(URI authorization, String subject, String email) {
        long now = System.currentTimeMillis() / 1_000;
        Map<String, Object> claims = new HashMap<>();
        claims.put("iss", issuer());
        claims.put("aud", CLIENT);
        claims.put("sub", subject);
        claims.put("iat", now);
        claims.put("exp", now + 300);
        claims.put("nonce", parameters(authorization).getOrDefault("nonce", ""));
        claims.put("email", email);
        claims.put("email_verified", true);
        return claims;
    }

    /** Confirms somebody who was sent here. @return the code that their browser takes back */
    String confirm(URI authorization, String token) {
        String code = "code:" + new Ids().nextTenant();
        grants.put(code, new Grant(parameters(authorization), token));
        return code;
    }

    private void answer(HttpExchange exchange, String endpoint) throws IOException {
        asked.computeIfAbsent(endpoint, first -> new AtomicInteger()).incrementAndGet();
        switch (behaviour) {
            case USUAL -> usual(exchange, endpoint);
            case MUTE -> {
                try {
                    closing.await();
                } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                }
            }
            case FAILING -> send(exchange, 503, "{}");
            case ENDLESS -> send(exchange, 200, "{\"x\":\"" + "x".repeat(300 << 10) + "\"}");
            case BABBLING -> send(exchange, 200, "<html>Welcome</html>");
            case REDIRECTING -> {
                exchange.getResponseHeaders().set("Location", issuer() + "/keys");
                send(exchange, 302, "");
            }
        }
    }

    private void usual(HttpExchange exchange, String endpoint) throws IOException {
        switch (endpoint) {
            case "discovery" -> send(exchange, 200, Json.text(document()));
            case "keys" -> send(exchange, 200, new JWKSet(keys).toString(true));
            default -> token(exchange);
        }
    }

    private Map<String, Object> document() {
        Map<String, Object> document = new HashMap<>(Map.of(
                "issuer",
                issuer(),
                "authorization_endpoint",
                issuer() + "/authorize?tenant=skerry",
                "token_endpoint",
                issuer() + "/token",
                "jwks_uri",
                issuer() + "/keys",
                "id_token_signing_alg_values_supported",
                List.of("RS256"),
                "something_new",
                Map.of("x", 1)));
        document.putAll(metadata);
        return document;
    }

    private void token(HttpExchange exchange) throws IOException {
        Map<String, String> form = form(new String(exchange.getRequestBody().readAllBytes(), StandardCharsets.UTF_8));
        if (!authenticated(exchange, form)) {
            send(exchange, 401, "{\"error\":\"invalid_client\"}");
            return;
        }
        Grant grant = grants.remove(form.getOrDefault("code", ""));
        if (grant == null || !fits(grant.request(), form)) {
            send(exchange, 400, "{\"error\":\"invalid_grant\",\"error_description\":\"<b>no</b>\"}");
            return;
        }
        send(
                exchange,
                200,
                Json.text(Map.of("access_token", "opaque", "token_type", "Bearer", "id_token", grant.token())));
    }

    private boolean authenticated(HttpExchange exchange, Map<String, String> form) {
        String header = exchange.getRequestHeaders().getFirst("Authorization");
        if (metadata.containsKey("token_endpoint_auth_methods_supported")) {
            return header == null && CLIENT.equals(form.get("client_id")) && SECRET.equals(form.get("client_secret"));
        }
        String wanted = CLIENT + ":" + URLEncoder.encode(SECRET, StandardCharsets.UTF_8);
        return ("Basic " + Base64.getEncoder().encodeToString(wanted.getBytes(StandardCharsets.UTF_8))).equals(header)
                && !form.containsKey("client_secret");
    }

    private static boolean fits(Map<String, String> request, Map<String, String> form) {
        String digest = Base64.getUrlEncoder()
                .withoutPadding()
                .encodeToString(Sha256.of(form.getOrDefault("code_verifier", "")));
        return "authorization_code".equals(form.get("grant_type"))
                && digest.equals(request.get("code_challenge"))
                && "S256".equals(request.get("code_challenge_method"))
                && String.valueOf(form.get("redirect_uri")).equals(request.get("redirect_uri"));
    }

    private static void send(HttpExchange exchange, int status, String body) throws IOException {
        byte[] bytes = body.getBytes(StandardCharsets.UTF_8);
        exchange.getResponseHeaders().set("Content-Type", "application/json");
        exchange.sendResponseHeaders(status, bytes.length == 0 ? -1 : bytes.length);
        exchange.getResponseBody().write(bytes);
        exchange.close();
    }

    @Override
    public void close() {
        closing.countDown();
        server.stop(0);
    }
}
