package io.temponest.workers.webhook;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.crypto.SecretBox;
import io.temponest.egress.EgressRules;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * What whoever delivers is told.
 *
 * @param secrets absent: with the key in the data folder, made if need be
 * @param historyMonths that deliveries are kept, besides the current one
 * @param drain how long deliveries in progress may go on when the worker stops
 */
public record WebhookConfig(
        EgressRules rules, Optional<SecretBox> secrets, Path dataDir, int historyMonths, Duration drain) {

    private static final int MOST_MONTHS = 120;

    /** Reads the settings; mistakes are told to the environment. */
    public static WebhookConfig read(Environment environment, Duration drain) {
        return new WebhookConfig(
                EgressRules.read(environment),
                environment.parsed(Setting.SECRET_KEY, SecretBox::of),
                environment.path(Setting.DATA_DIR),
                environment.number(Setting.WEBHOOK_HISTORY, 1, MOST_MONTHS),
                drain);
    }

    /** Blocks. */
    SecretBox box() {
        return secrets.orElseGet(() -> SecretBox.readOrMake(dataDir));
    }
}
