package io.temponest.gateway.auth;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.gateway.auth.AccessTokens.Verified;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.json.Json;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.Signature;
import java.time.Instant;
import java.util.Base64;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class AccessTokensTest {

    private static final Instant NOW = Instant.parse("2026-11-23T00:00:00Z");

    @TempDir
    private Path folder;

    private JwtKeys keys;
    private AccessTokens tokens;
    private AccessToken token;
    private String good;

    @BeforeEach
    void signAToken() {
        Ids ids = new Ids();
        keys = JwtKeys.readOrMake(folder);
        tokens = new AccessTokens(keys);
        token = new AccessToken(
                "t1",
                ids.next(Kind.USER_SESSION),
                ids.next(Kind.USER),
                ids.nextTenant(),
                List.of("viewer"),
                Set.of(Permission.RUNS_READ),
                NOW,
                NOW.plus(AccessTokens.LIFETIME));
        good = tokens.sign(token);
    }

    @Test
    void aTokenOfOursIsValidAndSaysWhatWasSigned() {
        assertThat(tokens.verify(good, NOW)).isEqualTo(new Verified.Valid(token.holder()));
    }

    @Test
    void aTokenExpiresWithItsLastSecond() {
        assertThat(tokens.verify(good, token.expiresAt().minusSeconds(1))).isInstanceOf(Verified.Valid.class);
        assertThat(tokens.verify(good, token.expiresAt())).isEqualTo(new Verified.Expired());
    }

    @Test
    void aTokenWithoutSignatureIsInvalidWhateverItCallsItsAlgorithm() {
        for (String algorithm : List.of("none", "None", "RS256")) {
            String unsigned = part(0, header -> header.put("alg", algorithm)) + "." + part(1, claims -> {}) + ".";
            assertThat(tokens.verify(unsigned, NOW)).isEqualTo(new Verified.Invalid());
        }
    }

    @Test
    void aTokenSignedWithThePublicKeyAsSecretIsInvalid() throws GeneralSecurityException {
        String text = part(0, header -> header.put("alg", "HS256")) + "." + part(1, claims -> {});
        Mac mac = Mac.getInstance("HmacSHA256");
        mac.init(new SecretKeySpec(keys.signing().publicKey().getEncoded(), "HmacSHA256"));
        String forged = text + "." + encode(mac.doFinal(text.getBytes(StandardCharsets.US_ASCII)));

        assertThat(tokens.verify(forged, NOW)).isEqualTo(new Verified.Invalid());
    }

    @Test
    void alteredClaimsAreInvalid() {
        String altered = good.split("\\.", -1)[0] + "."
                + part(1, claims -> claims.putArray("perms").add("users:manage")) + "."
                + good.split("\\.", -1)[2];

        assertThat(tokens.verify(altered, NOW)).isEqualTo(new Verified.Invalid());
    }

    @ParameterizedTest
    @CsvSource({"typ,refresh", "aud,elsewhere", "iss,somebody", "sub,nobody", "tid,usr_x"})
    void aTokenThatWeSignedForAnotherPurposeIsInvalid(String claim, String value) throws GeneralSecurityException {
        assertThat(tokens.verify(signed(claims -> claims.put(claim, value)), NOW))
                .isEqualTo(new Verified.Invalid());
    }

    @Test
    void aTokenWithoutAnEndIsInvalid() throws GeneralSecurityException {
        assertThat(tokens.verify(signed(claims -> claims.remove("exp")), NOW)).isEqualTo(new Verified.Invalid());
    }

    @Test
    void aTokenOfAnotherKeyIsInvalid(@TempDir Path other) {
        assertThat(tokens.verify(new AccessTokens(JwtKeys.readOrMake(other)).sign(token), NOW))
                .isEqualTo(new Verified.Invalid());
    }

    @Test
    void theSameBytesInAnotherTextAreInvalid() {
        assertThat(tokens.verify(good + "=", NOW)).isEqualTo(new Verified.Invalid());
    }

    /** Signed with our own key: only what the claims say can make it invalid. */
    private String signed(Consumer<ObjectNode> change) throws GeneralSecurityException {
        String text = good.split("\\.", -1)[0] + "." + part(1, change);
        Signature signature = Signature.getInstance("SHA256withRSA");
        signature.initSign(keys.signing().privateKey());
        signature.update(text.getBytes(StandardCharsets.US_ASCII));
        return text + "." + encode(signature.sign());
    }

    private String part(int index, Consumer<ObjectNode> change) {
        byte[] bytes = Base64.getUrlDecoder().decode(good.split("\\.", -1)[index]);
        ObjectNode node = (ObjectNode) Json.tree(new String(bytes, StandardCharsets.UTF_8));
        change.accept(node);
        return encode(Json.bytes(node));
    }

    private static String encode(byte[] bytes) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes);
    }
}
