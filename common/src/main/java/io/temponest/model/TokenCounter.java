package io.temponest.model;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.model.TokenAddresses.Count;
import io.temponest.model.TokenAddresses.Counted;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.IntStream;

/**
 * Has tokens counted by the workers. Much text goes to them in many messages, of which some are under way at once: so it uses
 * all cores, of several nodes where there are, and no message is large. Safe for use by any context.
 */
public final class TokenCounter {

    /** Characters of a message; some milliseconds of work. */
    private static final int MESSAGE = 32 << 10;

    private static final int UNDER_WAY = 8;

    /** More text is divided off the event loop. */
    private static final int LARGE = 128 << 10;

    private static final Duration LIMIT = Duration.ofSeconds(10);

    private final Vertx vertx;
    private final Bus bus;

    public TokenCounter(Vertx vertx, Bus bus) {
        this.vertx = vertx;
        this.bus = bus;
    }

    /** What texts have for a model together, by the nearest vocabulary, within a time of its own; fails when nobody can count. */
    public Future<Long> count(ModelName model, List<String> texts) {
        return count(Vocabulary.nearest(model.model()), texts, Deadline.after(LIMIT));
    }

    /**
     * What texts have together, each counted by itself. Exact for the vocabulary.
     *
     * <p>Fails like {@link Bus#ask}, and as {@link TextCuts#cut} does.
     */
    public Future<Long> count(Vocabulary vocabulary, List<String> texts, Deadline deadline) {
        long characters = texts.stream().mapToLong(String::length).sum();
        if (characters <= MESSAGE) {
            return ask(vocabulary, texts, deadline);
        }
        Future<List<List<String>>> messages = characters > LARGE
                ? vertx.executeBlocking(() -> messages(texts), false)
                : Future.succeededFuture(texts).map(TokenCounter::messages);
        return messages.compose(all -> sum(vocabulary, all, deadline));
    }

    private static List<List<String>> messages(List<String> texts) {
        List<List<String>> messages = new ArrayList<>();
        List<String> message = new ArrayList<>();
        int characters = 0;
        for (String text : texts) {
            for (String part : TextCuts.cut(text, MESSAGE)) {
                if (characters + part.length() > MESSAGE && !message.isEmpty()) {
                    messages.add(message);
                    message = new ArrayList<>();
                    characters = 0;
                }
                message.add(part);
                characters += part.length();
            }
        }
        messages.add(message);
        return messages;
    }

    private Future<Long> sum(Vocabulary vocabulary, List<List<String>> messages, Deadline deadline) {
        AtomicBoolean failed = new AtomicBoolean();
        List<Future<Long>> lanes = IntStream.range(0, Math.min(UNDER_WAY, messages.size()))
                .mapToObj(first -> lane(vocabulary, messages, first, failed, deadline))
                .toList();
        return Future.all(lanes)
                .onFailure(failure -> failed.set(true))
                .map(done -> lanes.stream().mapToLong(Future::result).sum());
    }

    /** Every so many messages from one on, each when the one before it is counted; none when another lane has failed. */
    private Future<Long> lane(
            Vocabulary vocabulary, List<List<String>> messages, int at, AtomicBoolean failed, Deadline deadline) {
        if (at >= messages.size() || failed.get()) {
            return Future.succeededFuture(0L);
        }
        return ask(vocabulary, messages.get(at), deadline)
                .compose(tokens -> lane(vocabulary, messages, at + UNDER_WAY, failed, deadline)
                        .map(others -> tokens + others));
    }

    private Future<Long> ask(Vocabulary vocabulary, List<String> texts, Deadline deadline) {
        return bus.ask(TokenAddresses.COUNT, new Count(vocabulary, texts), deadline)
                .map(Counted::tokens);
    }
}
