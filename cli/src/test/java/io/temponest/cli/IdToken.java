package io.temponest.cli;

import com.nimbusds.jose.JOSEException;
import com.nimbusds.jose.JOSEObjectType;
import com.nimbusds.jose.JWSAlgorithm;
import com.nimbusds.jose.JWSHeader;
import com.nimbusds.jose.JWSObject;
import com.nimbusds.jose.JWSSigner;
import com.nimbusds.jose.Payload;
import com.nimbusds.jose.crypto.ECDSASigner;
import com.nimbusds.jose.crypto.MACSigner;
import com.nimbusds.jose.crypto.RSASSASigner;
import com.nimbusds.jose.jwk.ECKey;
import com.nimbusds.jose.jwk.JWK;
import com.nimbusds.jose.jwk.RSAKey;
import io.temponest.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.Map;

/** ID tokens, those that are to be believed and those that are not. */
final class IdToken {

    private IdToken() {}

    static String rs256(JWK key, Map<String, Object> claims) {
        return signed(JWSAlgorithm.RS256, key, key.getKeyID(), claims);
    }

    /** @param id of the key that the token says it was signed with */
    static String signed(JWSAlgorithm algorithm, JWK key, String id, Map<String, Object> claims) {
        try {
            JWSSigner signer = switch (key) {
                case RSAKey rsa -> new RSASSASigner(rsa);
                case ECKey ec -> new ECDSASigner(ec);
                default -> throw new IllegalArgumentException(key.toString());
            };
            return signed(algorithm, signer, id, claims);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    private static String signed(JWSAlgorithm algorithm, JWSSigner signer, String id, Map<String, Object> claims)
            throws JOSEException {
        JWSObject token = new JWSObject(
                new JWSHeader.Builder(algorithm)
                        .keyID(id)
                        .type(JOSEObjectType.JWT)
                        .build(),
                new Payload(Json.text(claims)));
        token.sign(signer);
        return token.serialize();
    }

    /** What whoever takes the public key for a shared secret believes. */
    static String withThePublicKeyAsSecret(RSAKey key, Map<String, Object> claims) {
        try {
            return signed(JWSAlgorithm.HS256, new MACSigner(key.toRSAPublicKey().getEncoded()), key.getKeyID(), claims);
        } catch (JOSEException e) {
            throw new AssertionError(e);
        }
    }

    static String unsigned(JWK key, Map<String, Object> claims) {
        return part("{\"alg\":\"none\",\"kid\":\"%s\"}".formatted(key.getKeyID())) + "." + part(Json.text(claims))
                + ".";
    }

    private static String part(String json) {
        return Base64.getUrlEncoder().withoutPadding().encodeToString(json.getBytes(StandardCharsets.UTF_8));
    }
}
