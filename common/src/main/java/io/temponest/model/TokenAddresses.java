package io.temponest.model;

import io.temponest.bus.Address;
import java.util.List;

/** Token counting by the workers. */
public final class TokenAddresses {

    public static final Address<Count, Counted> COUNT = new Address<>("token.count", Count.class, Counted.class);

    private TokenAddresses() {}

    /**
     * Texts to count.
     *
     * @param model {@code provider/model} or a bare model name; decides the vocabulary
     * @param texts each counted by itself and added up
     * @param overhead tokens that the chat format adds around them
     */
    public record Count(String model, List<String> texts, int overhead) {
        public Count {
            texts = List.copyOf(texts);
        }
    }

    /**
     * How many there are.
     *
     * @param exact whether the model is known to use the vocabulary that was counted with
     */
    public record Counted(long tokens, boolean exact) {}
}
