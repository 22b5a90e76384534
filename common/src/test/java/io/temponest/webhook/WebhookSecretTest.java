package io.temponest.webhook;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.config.Secret;
import io.temponest.crypto.SecretBox;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.time.Instant;
import java.util.Base64;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class WebhookSecretTest {

    private static WebhookSecret secret(String text) {
        return new WebhookSecret(new Secret(text));
    }

    /** The published vector of the libraries of Standard Webhooks, byte by byte. */
    @Test
    void aSignatureIsThatOfTheStandard() {
        assertThat(secret("whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw")
                        .sign(
                                "msg_p5jXN8AQM9LWM0D4loKWxJek",
                                Instant.ofEpochSecond(1_614_265_330),
                                "{\"test\": 2432232314}"))
                .isEqualTo("v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE=");
    }

    @Test
    void fractionsOfASecondAreNotSigned() {
        WebhookSecret secret = WebhookSecret.make(new Random(1));

        assertThat(secret.sign("a", Instant.ofEpochMilli(1_999), "b"))
                .isEqualTo(secret.sign("a", Instant.ofEpochMilli(1_000), "b"))
                .isNotEqualTo(secret.sign("a", Instant.ofEpochMilli(2_000), "b"));
    }

    @Test
    void aNewSecretHas32RandomBytesAndIsNotPrinted() {
        WebhookSecret secret = WebhookSecret.make(new Random(7));
        String text = secret.text().reveal();

        assertThat(text).startsWith("whsec_");
        assertThat(Base64.getDecoder().decode(text.substring(6))).hasSize(32);
        assertThat(secret.toString()).doesNotContain(text);
        assertThat(WebhookSecret.make(new Random(8))).isNotEqualTo(secret);
    }

    @ParameterizedTest
    @ValueSource(strings = {"", "whsec_", "MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", "whsec_!!!!", "whsec_AAAA"})
    void whatIsNoSecretIsRefused(String text) {
        assertThatThrownBy(() -> secret(text)).isInstanceOf(IllegalArgumentException.class);
    }

    @Test
    void aSealedSecretOpensForItsOwnEndpointAlone() {
        SecretBox box = SecretBox.of(Base64.getEncoder().encodeToString(new byte[32]));
        Ids ids = new Ids();
        TenantId tenant = ids.nextTenant();
        TypeId webhook = ids.next(Kind.WEBHOOK);
        WebhookSecret secret = WebhookSecret.make(new Random(3));
        byte[] sealed = secret.seal(box, tenant, webhook);

        assertThat(WebhookSecret.open(sealed, box, tenant, webhook)).isEqualTo(secret);
        assertThatThrownBy(() -> WebhookSecret.open(sealed, box, tenant, ids.next(Kind.WEBHOOK)))
                .isInstanceOf(IllegalStateException.class);
        assertThatThrownBy(() -> WebhookSecret.open(sealed, box, ids.nextTenant(), webhook))
                .isInstanceOf(IllegalStateException.class);
    }
}
