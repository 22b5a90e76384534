package io.temponest.workers.token;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingRegistry;
import com.knuddels.jtokkit.api.EncodingType;
import io.temponest.model.Vocabulary;
import java.util.List;

/** Counts tokens with OpenAI's vocabularies (jtokkit). Blocks its thread. Safe for use by several threads. */
final class Tokens {

    private final Encoding o200k;
    private final Encoding cl100k;

    /** Loads the vocabularies, which takes about a second. */
    Tokens() {
        EncodingRegistry registry = Encodings.newLazyEncodingRegistry();
        o200k = registry.getEncoding(EncodingType.O200K_BASE);
        cl100k = registry.getEncoding(EncodingType.CL100K_BASE);
    }

    /** What texts have together. Text that looks like a special token is counted as text. */
    long count(Vocabulary vocabulary, List<String> texts) {
        Encoding encoding = switch (vocabulary) {
            case O200K -> o200k;
            case CL100K -> cl100k;
        };
        long tokens = 0;
        for (String text : texts) {
            tokens += encoding.countTokensOrdinary(text);
        }
        return tokens;
    }
}
