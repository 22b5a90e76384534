package io.temponest.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.config.Environment;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What is known of a provider from its settings. */
class ProviderConfigTest {

    private static ProviderConfig read(Map<String, String> settings) {
        Map<String, String> variables = new HashMap<>();
        settings.forEach((name, value) -> variables.put("TEMPONEST_PROVIDER_X_" + name, value));
        Environment environment = new Environment(variables);
        List<ProviderConfig> providers = ProviderConfig.read(environment);
        environment.check();
        return providers.getFirst();
    }

    @ParameterizedTest
    @CsvSource({
        "openai, https://api.openai.com/v1, true, false",
        "openai, https://eu.api.openai.com/v1, true, false",
        "openai, https://api.openai.com.example.org/v1, false, false",
        "openai, http://127.0.0.1:8000/v1, false, false",
        "azure, https://us.openai.azure.com, true, false",
        "ollama, http://127.0.0.1:11434, false, true",
        "ollama, http://127.0.0.1:11434/v1, false, true"
    })
    void theNameOfTheLimitAndWhetherItIsFreeGoByKindAndAddress(
            String kind, String url, boolean newLimitName, boolean free) {
        ProviderConfig config = read(Map.of("KIND", kind, "BASE_URL", url));

        assertThat(config.newLimitName()).isEqualTo(newLimitName);
        assertThat(config.free()).isEqualTo(free);
    }

    @Test
    void theNameOfTheLimitCanBeSet() {
        Map<String, String> proxy = Map.of("KIND", "openai", "BASE_URL", "http://127.0.0.1:8000/v1");
        Map<String, String> limit = new HashMap<>(proxy);
        limit.put("OUTPUT_LIMIT", "max_completion_tokens");
        assertThat(read(limit).newLimitName()).isTrue();
        assertThat(read(Map.of("KIND", "openai", "OUTPUT_LIMIT", "max_tokens")).newLimitName())
                .isFalse();

        limit.put("OUTPUT_LIMIT", "tokens");
        assertThatThrownBy(() -> read(limit))
                .hasMessageContaining(
                        "TEMPONEST_PROVIDER_X_OUTPUT_LIMIT must be max_tokens or max_completion_tokens, not 'tokens'");
    }
}
