package io.temponest.model;

import io.temponest.bus.Address;
import java.util.List;

/** Token counting by the workers. Texts come here in messages of {@link TokenCounter}'s making. */
public final class TokenAddresses {

    public static final Address<Count, Counted> COUNT = new Address<>("token.count", Count.class, Counted.class);

    private TokenAddresses() {}

    /**
     * Texts to count.
     *
     * @param texts each counted by itself and added up; what looks like a special token is text
     */
    public record Count(Vocabulary vocabulary, List<String> texts) {
        public Count {
            texts = List.copyOf(texts);
        }
    }

    /** How many there are. */
    public record Counted(long tokens) {}
}
