package io.temponest.gateway.auth;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Duration;
import java.time.Instant;
import java.util.Base64;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/**
 * Signs and verifies access tokens: JWT (RFC 7519) as JWS (RFC 7515) with RS256 and nothing else. What a token says of its own
 * algorithm decides nothing; it must say what its key is for.
 */
public final class AccessTokens {

    /** How long a token is good for. */
    public static final Duration LIFETIME = Duration.ofMinutes(15);

    private static final String ALGORITHM = "RS256";
    private static final String JCA_ALGORITHM = "SHA256withRSA";
    private static final String ISSUER = "temponest";
    private static final String AUDIENCE = "temponest-api";
    private static final String TYPE = "access";
    private static final int LONGEST = 8_192;

    private final JwtKeys keys;

    public AccessTokens(JwtKeys keys) {
        this.keys = keys;
    }

    /** What came of a token. */
    public sealed interface Verified {
        record Valid(AccessToken.Holder holder) implements Verified {}

        record Expired() implements Verified {}

        record Invalid() implements Verified {}
    }

    public String sign(AccessToken token) {
        JwtKeys.Key key = keys.signing();
        Map<String, Object> claims = new TreeMap<>(Map.of("iss", ISSUER, "aud", AUDIENCE, "typ", TYPE));
        claims.putAll(Map.of(
                "sub", token.user(),
                "tid", token.tenant(),
                "roles", token.roles(),
                "perms", token.permissions(),
                "jti", token.id(),
                "sid", token.session(),
                "iat", token.issuedAt().getEpochSecond(),
                "exp", token.expiresAt().getEpochSecond()));
        String signed = encode(Json.bytes(new TreeMap<>(Map.of("alg", ALGORITHM, "typ", "JWT", "kid", key.id()))))
                + "."
                + encode(Json.bytes(claims));
        try {
            Signature signature = Signature.getInstance(JCA_ALGORITHM);
            signature.initSign(key.privateKey());
            signature.update(signed.getBytes(StandardCharsets.US_ASCII));
            return signed + "." + encode(signature.sign());
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }

    public Verified verify(String token, Instant now) {
        String[] parts = token.split("\\.", -1);
        if (parts.length != 3 || token.length() > LONGEST) {
            return new Verified.Invalid();
        }
        try {
            JsonNode header = Json.read(decode(parts[0]), JsonNode.class);
            Optional<JwtKeys.Key> key = keys.find(header.path("kid").asText());
            boolean rightKind = header.path("alg").asText().equals(ALGORITHM) && !header.has("crit");
            if (!rightKind || key.isEmpty() || !signed(key.get(), parts)) {
                return new Verified.Invalid();
            }
            return read(Json.read(decode(parts[1]), JsonNode.class), now);
        } catch (IllegalArgumentException | UncheckedIOException malformed) {
            return new Verified.Invalid();
        }
    }

    private static boolean signed(JwtKeys.Key key, String[] parts) {
        try {
            Signature signature = Signature.getInstance(JCA_ALGORITHM);
            signature.initVerify(key.publicKey());
            signature.update((parts[0] + "." + parts[1]).getBytes(StandardCharsets.US_ASCII));
            return signature.verify(decode(parts[2]));
        } catch (GeneralSecurityException notASignature) {
            return false;
        }
    }

    private static Verified read(JsonNode claims, Instant now) {
        boolean ours = claims.path("iss").asText().equals(ISSUER)
                && claims.path("aud").asText().equals(AUDIENCE)
                && claims.path("typ").asText().equals(TYPE)
                && claims.path("exp").isIntegralNumber();
        Optional<TypeId> user = TypeId.parse(Kind.USER, claims.path("sub").asText());
        Optional<TypeId> tenant = TypeId.parse(Kind.TENANT, claims.path("tid").asText());
        Optional<TypeId> session =
                TypeId.parse(Kind.USER_SESSION, claims.path("sid").asText());
        if (!ours || user.isEmpty() || tenant.isEmpty() || session.isEmpty()) {
            return new Verified.Invalid();
        }
        Instant expiresAt = Instant.ofEpochSecond(claims.path("exp").asLong());
        if (!expiresAt.isAfter(now)) {
            return new Verified.Expired();
        }
        return new Verified.Valid(new AccessToken.Holder(
                session.get(), user.get(), new TenantId(tenant.get().uuid()), expiresAt));
    }

    static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }

    /** Takes only the one text that {@link #encode} makes: two texts for the same bytes would be two tokens. */
    private static byte[] decode(String text) {
        byte[] bytes = Base64.getUrlDecoder().decode(text);
        if (!encode(bytes).equals(text)) {
            throw new IllegalArgumentException("not canonical");
        }
        return bytes;
    }
}
