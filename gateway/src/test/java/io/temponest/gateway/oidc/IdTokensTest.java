package io.temponest.gateway.oidc;

import static org.assertj.core.api.Assertions.assertThat;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.crypto.opts.AllowWeakRSAKey;
import com.nimbusds.jose.jwk.JWKSet;
import com.nimbusds.jose.jwk.KeyUse;
import com.nimbusds.jose.jwk.RSAKey;
import com.nimbusds.jose.jwk.gen.RSAKeyGenerator;
import com.nimbusds.jwt.JWTClaimsSet;
import com.nimbusds.jwt.SignedJWT;
import io.temponest.config.Secret;
import io.temponest.gateway.oidc.IdTokens.Verified;
import java.time.Instant;
import java.util.Date;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What depends on the issuer and on its set of keys; forged tokens are tried against the whole server. */
class IdTokensTest {

    private static final Instant NOW = Instant.parse("2026-11-22T00:00:00Z");
    private static final String ENTRA = "https://login.microsoftonline.com/9188040d-6c67-4c5b-b112-36a304b66dad/v2.0";

    private static RSAKey key;

    @BeforeAll
    static void makeAKey() throws JOSEException {
        key = new RSAKeyGenerator(2_048).keyID("one").generate();
    }

    private static Verified verify(SignedJWT token, String issuer, JWKSet keys) {
        return IdTokens.verify(
                token.serialize(), keys, new OidcProvider("x", issuer, "us", new Secret("s")), "nonce", NOW);
    }

    private static SignedJWT token(RSAKey by, String issuer, String claim, Object value) throws JOSEException {
        SignedJWT token = new SignedJWT(
                new JWSHeader.Builder(JWSAlgorithm.RS256).keyID(by.getKeyID()).build(),
                new JWTClaimsSet.Builder()
                        .issuer(issuer)
                        .audience("us")
                        .subject("s")
                        .issueTime(Date.from(NOW))
                        .expirationTime(Date.from(NOW.plusSeconds(60)))
                        .claim("nonce", "nonce")
                        .claim("email", "keeper@skerry.example")
                        .claim(claim, value)
                        .build());
        token.sign(new RSASSASigner(by.toPrivateKey(), Set.of(AllowWeakRSAKey.getInstance())));
        return token;
    }

    /** Entra has no email_verified; another's xms_edov says nothing. */
    @ParameterizedTest
    @CsvSource({"true, true", "false, false", "1, true", "0, false"})
    void whoVerifiesAnAddressDependsOnTheIssuer(String value, boolean verified) throws JOSEException {
        for (String issuer : List.of(ENTRA, "https://login.microsoftonline.com.evil.example/")) {
            Verified outcome = verify(token(key, issuer, "xms_edov", value), issuer, new JWKSet(key));

            assertThat(outcome)
                    .isInstanceOfSatisfying(
                            Verified.Valid.class,
                            valid -> assertThat(valid.claims().emailVerified())
                                    .isEqualTo(verified && issuer.equals(ENTRA)));
        }
    }

    @Test
    void aKeyThatIsNotInTheSetMayBeNew() throws JOSEException {
        RSAKey other = new RSAKeyGenerator(2_048).keyID("two").generate();

        assertThat(verify(token(other, ENTRA, "x", 1), ENTRA, new JWKSet(key))).isEqualTo(new Verified.UnknownKey());
    }

    @Test
    void aTokenNeedNotNameTheOnlyKeyButOneOfSeveral() throws JOSEException {
        RSAKey nameless = new RSAKey.Builder(key).keyID(null).build();
        SignedJWT token = token(nameless, ENTRA, "x", 1);

        assertThat(verify(token, ENTRA, new JWKSet(nameless))).isInstanceOf(Verified.Valid.class);
        assertThat(verify(token, ENTRA, new JWKSet(List.of(key, new RSAKeyGenerator(2_048).generate()))))
                .isEqualTo(new Verified.UnknownKey());
    }

    @Test
    void aKeyThatIsTooShortOrForSomethingElseVerifiesNothing() throws JOSEException {
        RSAKey weak = new RSAKeyGenerator(1_024, true).keyID("weak").generate();
        RSAKey encrypting = new RSAKey.Builder(key).keyUse(KeyUse.ENCRYPTION).build();
        RSAKey ofAnother = new RSAKey.Builder(key).algorithm(JWSAlgorithm.PS256).build();

        for (RSAKey unfit : List.of(weak, encrypting, ofAnother)) {
            assertThat(verify(token(unfit, ENTRA, "x", 1), ENTRA, new JWKSet(unfit)))
                    .isEqualTo(new Verified.Invalid("algorithm"));
        }
    }
}
