package io.temponest.gateway.answers;

import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.cache.CacheKey;
import io.temponest.cache.Caches;
import io.temponest.cache.TwoLevelCache;
import io.temponest.gateway.answers.Question.Meaning;
import io.temponest.identity.TenantId;
import io.temponest.model.ModelAddresses;
import io.temponest.model.ModelAddresses.Embed;
import io.vertx.core.Future;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;

/**
 * Answers of models that a tenant may get again: to the very same question, or to one that means the same in the same context.
 * Whatever cannot be asked, Redis or the workers, makes it a miss. Safe for use by any context.
 */
public final class AnswerCache {

    private static final long MOST_BYTES = 64 << 20;
    private static final long MOST_LIKENESS_BYTES = 32 << 20;

    /** How many likely answers are looked for that may be gone already. */
    private static final int TRIES = 3;

    private static final String EMBEDDING = "minilm";
    private static final Duration EMBEDDING_LIMIT = Duration.ofSeconds(2);

    private final Bus bus;
    private final TwoLevelCache<Kept> answers;
    private final TwoLevelCache<Likeness> alike;
    private final AnswerCacheConfig config;
    private final InstantSource clock;
    private final MeterRegistry metrics;

    public AnswerCache(Bus bus, Caches caches, MeterRegistry metrics, AnswerCacheConfig config, InstantSource clock) {
        this.bus = bus;
        this.answers = caches.cache(new Caches.Spec<>("answers", Kept.class, config.life(), MOST_BYTES, Kept::weight));
        this.alike = caches.cache(new Caches.Spec<>(
                "answers_alike", Likeness.class, config.life(), MOST_LIKENESS_BYTES, Likeness::weight));
        this.metrics = metrics;
        this.config = config;
        this.clock = clock;
    }

    /** What is known of a question. */
    public sealed interface Found {

        /** An answer to the very question. */
        record Same(Kept kept) implements Found {}

        /** An answer to one that means the same. */
        record Alike(Kept kept, double similarity) implements Found {}

        /** @param vector of the question, where it was embedded; to be handed to {@link #keep} */
        @SuppressWarnings("ArrayRecordComponent") // on its way, never compared
        record Nothing(Optional<float[]> vector) implements Found {}
    }

    /** Never fails. */
    public Future<Found> find(TenantId tenant, Question question, CacheWish wish, Deadline deadline) {
        return answer(tenant, question.key(), wish)
                .compose(same -> same.isPresent()
                        ? Future.<Found>succeededFuture(new Found.Same(same.get()))
                        : question.meaning()
                                .filter(meaning -> wish.semantic())
                                .map(meaning -> alike(tenant, meaning, wish, deadline))
                                .orElseGet(() -> Future.succeededFuture(new Found.Nothing(Optional.empty()))))
                .otherwise(new Found.Nothing(Optional.empty()))
                .onSuccess(found -> count(wish, found));
    }

    private Future<Optional<Kept>> answer(TenantId tenant, String key, CacheWish wish) {
        return answers.find(new CacheKey.OfTenant(tenant, key))
                .map(found -> found.filter(kept -> wish.takes(kept.at(), clock.instant())));
    }

    private Future<Found> alike(TenantId tenant, Meaning meaning, CacheWish wish, Deadline deadline) {
        return bus.ask(
                        ModelAddresses.EMBED,
                        new Embed(EMBEDDING, List.of(meaning.text())),
                        deadline.atMost(EMBEDDING_LIMIT))
                .map(embedded -> embedded.vectors().getFirst())
                .compose(vector -> alike.latest(new CacheKey.OfTenant(tenant, meaning.context()))
                        .compose(known -> first(
                                tenant,
                                known.orElse(Likeness.NONE)
                                        .like(
                                                meaning.text(),
                                                vector,
                                                wish.similarity().orElse(config.similarity())),
                                0,
                                wish))
                        .map(found -> found.<Found>map(hit -> hit).orElse(new Found.Nothing(Optional.of(vector)))));
    }

    /** The first of the answers that is still there. */
    private Future<Optional<Found.Alike>> first(
            TenantId tenant, List<Likeness.Scored> likely, int place, CacheWish wish) {
        if (place >= Math.min(TRIES, likely.size())) {
            return Future.succeededFuture(Optional.empty());
        }
        Likeness.Scored best = likely.get(place);
        return answer(tenant, best.entry().key(), wish)
                .compose(found -> found.isPresent()
                        ? Future.succeededFuture(Optional.of(new Found.Alike(found.get(), best.similarity())))
                        : first(tenant, likely, place + 1, wish));
    }

    /**
     * Keeps an answer.
     *
     * @param vector of the question, where its meaning is to be found as well. Two that are kept in one context at the same
     *     moment may lose one of each other; the answer itself is never lost
     */
    public void keep(TenantId tenant, Question question, Optional<float[]> vector, Kept kept) {
        answers.put(new CacheKey.OfTenant(tenant, question.key()), kept)
                .compose(done -> vector.isEmpty()
                        ? Future.succeededFuture()
                        : learn(
                                new CacheKey.OfTenant(
                                        tenant, question.meaning().orElseThrow().context()),
                                Likeness.Entry.of(question, vector.get(), kept.at())));
    }

    private Future<Void> learn(CacheKey context, Likeness.Entry entry) {
        return alike.latest(context)
                .compose(known -> alike.put(context, known.orElse(Likeness.NONE).with(entry)));
    }

    private void count(CacheWish wish, Found found) {
        String result = switch (found) {
            case Found.Same same -> "hit";
            case Found.Alike alike -> "semantic";
            case Found.Nothing nothing -> "miss";
        };
        metrics.counter("temponest_answer_cache", "mode", wish.semantic() ? "semantic" : "exact", "result", result)
                .increment();
    }
}
