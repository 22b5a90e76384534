package io.temponest.webhook;

import io.temponest.config.Secret;
import io.temponest.crypto.SecretBox;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.time.Instant;
import java.util.Base64;
import java.util.random.RandomGenerator;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * What an endpoint knows us by (Standard Webhooks 1.0, standardwebhooks.com): {@code whsec_} and the base64 of 24 to 64 bytes.
 */
public record WebhookSecret(Secret text) {

    private static final String PREFIX = "whsec_";
    private static final String MAC = "HmacSHA256";
    private static final int BYTES = 32;
    private static final int LEAST = 24;
    private static final int MOST = 64;

    public WebhookSecret {
        int length = key(text).length;
        if (length < LEAST || length > MOST) {
            throw new IllegalArgumentException("a secret has %d to %d bytes".formatted(LEAST, MOST));
        }
    }

    public static WebhookSecret make(RandomGenerator random) {
        byte[] key = new byte[BYTES];
        random.nextBytes(key);
        return new WebhookSecret(new Secret(PREFIX + Base64.getEncoder().encodeToString(key)));
    }

    private static byte[] key(Secret text) {
        if (!text.reveal().startsWith(PREFIX)) {
            throw new IllegalArgumentException("a secret begins with " + PREFIX);
        }
        return Base64.getDecoder().decode(text.reveal().substring(PREFIX.length()));
    }

    /** Encrypted for a row of the database. */
    byte[] seal(SecretBox box, TenantId tenant, TypeId webhook) {
        return box.seal(text.reveal().getBytes(StandardCharsets.UTF_8), context(tenant, webhook));
    }

    /** @throws IllegalStateException when it was sealed with another key, or for another endpoint */
    public static WebhookSecret open(byte[] sealed, SecretBox box, TenantId tenant, TypeId webhook) {
        return new WebhookSecret(
                new Secret(new String(box.open(sealed, context(tenant, webhook)), StandardCharsets.UTF_8)));
    }

    private static String context(TenantId tenant, TypeId webhook) {
        return tenant + "/" + webhook;
    }

    /** {@code v1,} and the base64 of the HMAC-SHA256 of id, seconds since 1970 and body, with full stops between. */
    public String sign(String id, Instant moment, String body) {
        try {
            Mac mac = Mac.getInstance(MAC);
            mac.init(new SecretKeySpec(key(text), MAC));
            String signed = id + "." + moment.getEpochSecond() + "." + body;
            return "v1," + Base64.getEncoder().encodeToString(mac.doFinal(signed.getBytes(StandardCharsets.UTF_8)));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException(e);
        }
    }
}
