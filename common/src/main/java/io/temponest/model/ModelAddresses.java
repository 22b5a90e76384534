package io.temponest.model;

import io.temponest.bus.Address;
import io.temponest.error.ApiError;
import io.temponest.spend.Account;
import io.temponest.spend.Usage;
import java.util.List;
import java.util.Optional;

/** The models that run in the workers. */
public final class ModelAddresses {

    /** A dialog: the answer's pieces, of which the last has an end. */
    public static final Address<Ask, Said> ASK = new Address<>("model.ask", Ask.class, Said.class);

    public static final Address<Embed, Embedded> EMBED = new Address<>("model.embed", Embed.class, Embedded.class);

    private ModelAddresses() {}

    /**
     * A conversation to be answered.
     *
     * @param payer whom it is charged to, by whoever asks
     * @param messages oldest first; the last is the user's
     */
    public record Ask(Account payer, ModelName model, List<Message> messages, int maxOutputTokens) {
        public Ask {
            messages = List.copyOf(messages);
        }
    }

    /** A piece of the answer's text; the last one, which may have none, says how it ended. */
    public record Said(String text, Optional<End> end) {}

    /**
     * How an answer ended.
     *
     * @param error where it is not complete
     */
    public record End(Usage usage, Optional<ApiError> error) {}

    /** Texts to embed, few enough for one message. */
    public record Embed(String model, List<String> texts) {
        public Embed {
            texts = List.copyOf(texts);
        }
    }

    /** A vector for each text, in order, of unit length. */
    public record Embedded(List<float[]> vectors, long tokens) {
        public Embedded {
            vectors = List.copyOf(vectors);
        }
    }
}
