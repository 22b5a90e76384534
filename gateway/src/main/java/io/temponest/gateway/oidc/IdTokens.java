package io.temponest.gateway.oidc;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSVerifier;
import com.nimbusds.jose.crypto.ECDSAVerifier;
import com.nimbusds.jose.crypto.RSASSAVerifier;
import com.nimbusds.jose.jwk.Curve;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.temponest.account.ExternalIdentity;
import java.text.ParseException;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * Verifies ID tokens (OpenID Connect Core 1.0, section 3.1.3.7). Which algorithms a key may be used with is decided by what kind of
 * key it is, never by the token; that there is no key for {@code none} or for a shared secret is the whole defence against them.
 */
final class IdTokens {

    private static final Duration LEEWAY = Duration.ofSeconds(60);
    private static final int LONGEST_TOKEN = 16 << 10;
    private static final String ENTRA = "https://login.microsoftonline.com/";
    private static final int SMALLEST_RSA_BITS = 2_048;
    private static final Pattern SUBJECT = Pattern.compile("[\\x20-\\x7E]{1,255}");

    private IdTokens() {}

    /** What came of a token. */
    sealed interface Verified {
        record Valid(Claims claims) implements Verified {}

        /** It names a key that is not in the set; the set may be too old. */
        record UnknownKey() implements Verified {}

        /** @param reason one word, for the log */
        record Invalid(String reason) implements Verified {}
    }

    static Verified verify(String token, JWKSet keys, OidcProvider by, String nonce, Instant now) {
        if (token.length() > LONGEST_TOKEN) {
            return new Verified.Invalid("length");
        }
        try {
            // Fails for 'none': that is no signature.
            SignedJWT jwt = SignedJWT.parse(token);
            Optional<JWK> key = key(keys, Optional.ofNullable(jwt.getHeader().getKeyID()));
            if (key.isEmpty()) {
                return new Verified.UnknownKey();
            }
            Optional<JWSVerifier> verifier = verifier(key.get(), jwt.getHeader().getAlgorithm());
            if (verifier.isEmpty()) {
                return new Verified.Invalid("algorithm");
            }
            return jwt.verify(verifier.get())
                    ? judge(jwt.getJWTClaimsSet(), by, nonce, now)
                    : new Verified.Invalid("signature");
        } catch (ParseException | JOSEException malformed) {
            return new Verified.Invalid("malformed");
        }
    }

    /** A token need not name its key where there is only one. */
    private static Optional<JWK> key(JWKSet keys, Optional<String> id) {
        if (id.isPresent()) {
            return Optional.ofNullable(keys.getKeyByKeyId(id.get()));
        }
        return keys.size() == 1 ? Optional.of(keys.getKeys().getFirst()) : Optional.empty();
    }

    private static Optional<JWSVerifier> verifier(JWK key, JWSAlgorithm algorithm) throws JOSEException {
        boolean forThis =
                Optional.ofNullable(key.getAlgorithm()).map(algorithm::equals).orElse(true)
                        && Optional.ofNullable(key.getKeyUse())
                                .map(KeyUse.SIGNATURE::equals)
                                .orElse(true);
        if (!forThis) {
            return Optional.empty();
        }
        return switch (key) {
            case RSAKey rsa
            when rsa.size() >= SMALLEST_RSA_BITS
                    && (algorithm.equals(JWSAlgorithm.RS256) || algorithm.equals(JWSAlgorithm.PS256)) ->
                Optional.of(new RSASSAVerifier(rsa));
            case ECKey ec
            when Curve.P_256.equals(ec.getCurve()) && algorithm.equals(JWSAlgorithm.ES256) ->
                Optional.of(new ECDSAVerifier(ec));
            default -> Optional.empty();
        };
    }

    private static Verified judge(JWTClaimsSet claims, OidcProvider by, String nonce, Instant now)
            throws ParseException {
        Optional<String> subject = Optional.ofNullable(claims.getSubject())
                .filter(text -> SUBJECT.matcher(text).matches());
        if (!by.issuer().equals(claims.getIssuer())) {
            return new Verified.Invalid("issuer");
        }
        if (!forUs(claims, by.clientId())) {
            return new Verified.Invalid("audience");
        }
        if (!inTime(claims, now)) {
            return new Verified.Invalid("time");
        }
        if (!nonce.equals(claims.getStringClaim("nonce"))) {
            return new Verified.Invalid("nonce");
        }
        return subject.<Verified>map(text -> new Verified.Valid(new Claims(
                        new ExternalIdentity(by.issuer(), text),
                        claims.getClaim("email") instanceof String email ? Optional.of(email) : Optional.empty(),
                        emailVerified(claims, by))))
                .orElseGet(() -> new Verified.Invalid("subject"));
    }

    /** Where it is for several, it must say that it was made for us; and never that it was made for another. */
    private static boolean forUs(JWTClaimsSet claims, String clientId) throws ParseException {
        List<String> audience = claims.getAudience();
        Optional<String> party = Optional.ofNullable(claims.getStringClaim("azp"));
        return audience.contains(clientId) && party.map(clientId::equals).orElse(audience.size() == 1);
    }

    /** Microsoft's Entra has a claim of its own for it, of which its documentation and its tokens have more than one form. */
    private static boolean emailVerified(JWTClaimsSet claims, OidcProvider by) {
        return Boolean.TRUE.equals(claims.getClaim("email_verified"))
                || (by.issuer().startsWith(ENTRA)
                        && Set.of("true", "1").contains(String.valueOf(claims.getClaim("xms_edov"))));
    }

    private static boolean inTime(JWTClaimsSet claims, Instant now) {
        Optional<Instant> expires =
                Optional.ofNullable(claims.getExpirationTime()).map(java.util.Date::toInstant);
        Optional<Instant> issued = Optional.ofNullable(claims.getIssueTime()).map(java.util.Date::toInstant);
        return expires.filter(at -> at.plus(LEEWAY).isAfter(now)).isPresent()
                && issued.filter(at -> !at.minus(LEEWAY).isAfter(now)).isPresent();
    }
}
