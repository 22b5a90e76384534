package io.temponest.workers.token;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.model.TokenAddresses.Counted;
import java.util.List;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;

class TokensTest {

    private static Tokens tokens;

    @BeforeAll
    static void load() {
        tokens = new Tokens();
    }

    @Test
    void textsAreCountedWithTheModelsVocabularyAndAddedUp() {
        assertThat(tokens.count("openai/gpt-4o", List.of("Hello, world!"), 0)).isEqualTo(new Counted(4, true));
        assertThat(tokens.count("gpt-4", List.of("Hello, world!", "Hello, world!"), 3))
                .isEqualTo(new Counted(11, true));
        assertThat(tokens.count("gpt-4o", List.of(), 0)).isEqualTo(new Counted(0, true));
    }

    @Test
    void aModelWithoutAKnownVocabularyIsEstimatedAndSaysSo() {
        assertThat(tokens.count("local/llama3.2", List.of("Hello, world!"), 0)).isEqualTo(new Counted(4, false));
    }

    @Test
    void aSpecialTokenInATextIsCountedAsText() {
        assertThat(tokens.count("gpt-4o", List.of("<|endoftext|>"), 0).tokens()).isGreaterThan(1);
    }
}
