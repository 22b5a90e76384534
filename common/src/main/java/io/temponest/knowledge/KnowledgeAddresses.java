package io.temponest.knowledge;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.util.List;

/** What the knowledge workers are asked and told. */
public final class KnowledgeAddresses {

    public static final Address<Search, Passages> SEARCH =
            new Address<>("knowledge.search", Search.class, Passages.class);

    /** Told to one worker after a document row was committed as queued. */
    public static final Address<DocumentQueued, Passages> INDEX =
            new Address<>("knowledge.index", DocumentQueued.class, Passages.class);

    private KnowledgeAddresses() {}

    /**
     * A search.
     *
     * @param collections of this tenant; empty: all of its collections
     * @param topK at most this many passages, 1 to 50
     * @param minScore passages below it are left out, 0 to 1
     */
    public record Search(TenantId tenant, List<TypeId> collections, String query, int topK, double minScore) {
        public Search {
            collections = List.copyOf(collections);
        }
    }

    /** The passages found, best first. */
    public record Passages(List<Passage> passages) {
        public Passages {
            passages = List.copyOf(passages);
        }
    }

    /** A hint that there is a document to index. */
    public record DocumentQueued(TypeId document) {}
}
