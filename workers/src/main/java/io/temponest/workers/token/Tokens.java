package io.temponest.workers.token;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import com.knuddels.jtokkit.api.ModelType;
import io.temponest.model.TokenAddresses.Counted;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Counts tokens with OpenAI's vocabularies (jtokkit). Blocks its thread: 3 to 12 MB/s. Safe for use by several threads. */
public final class Tokens {

    private final Encoding o200k;
    private final Encoding cl100k;

    /** Loads the vocabularies, which takes about a second. */
    public Tokens() {
        EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
        o200k = registry.getEncoding(EncodingType.O200K_BASE);
        cl100k = registry.getEncoding(EncodingType.CL100K_BASE);
    }

    /**
     * Counts texts. Text that looks like a special token is counted as text.
     *
     * @param model with or without its provider
     * @return exact where the model is known to use the vocabulary
     */
    public Counted count(String model, List<String> texts, int overhead) {
        Optional<Encoding> known =
                encoding(model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT));
        Encoding encoding = known.orElse(o200k);
        long tokens = overhead;
        for (String text : texts) {
            tokens += encoding.countTokensOrdinary(text);
        }
        return new Counted(tokens, known.isPresent());
    }

    private Optional<Encoding> encoding(String model) {
        if (model.matches("(gpt-4o|gpt-4\\.1|gpt-4\\.5|gpt-5|chatgpt-4o|o[1-9]).*")) {
            return Optional.of(o200k);
        }
        if (model.matches("(gpt-4|gpt-3\\.5|text-embedding-3|text-embedding-ada-002).*")) {
            return Optional.of(cl100k);
        }
        return ModelType.fromName(model).map(ModelType::getEncodingType).flatMap(type -> switch (type) {
            case O200K_BASE -> Optional.of(o200k);
            case CL100K_BASE -> Optional.of(cl100k);
            default -> Optional.empty();
        });
    }
}
