package io.temponest.workers.token;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.TokenAddresses.Count;
import io.temponest.model.TokenAddresses.Counted;
import io.temponest.workers.computation.Computation;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;

/**
 * Questions that wait for a thread. What has gathered while all were busy is taken together, as handing a small text to a thread
 * takes about as long as counting it. Lives on one event loop.
 */
final class CountQueue {

    /** Characters that are taken together: some milliseconds of work. */
    private static final int TOGETHER = 32 << 10;

    private final String name;
    private final Tokens tokens;
    private final int threads;
    private final int most;
    private final Computation computation;
    private final Deque<Waiting> waiting = new ArrayDeque<>();
    private int busy;

    private record Waiting(Count count, int characters, Deadline deadline, Promise<Counted> promise) {}

    /** @param most that wait; one more is refused with {@code overloaded_error} */
    CountQueue(Vertx vertx, String name, int threads, int most, Tokens tokens) {
        this.name = name;
        this.most = most;
        this.tokens = tokens;
        this.threads = threads;
        this.computation = new Computation(vertx, name, threads, 0);
    }

    Future<Counted> count(Count count, Deadline deadline) {
        if (waiting.size() >= most) {
            return Future.failedFuture(ApiError.overloaded(name).exception());
        }
        int characters = count.texts().stream().mapToInt(String::length).sum();
        Waiting last = new Waiting(count, characters, deadline, Promise.promise());
        waiting.add(last);
        begin();
        return last.promise().future();
    }

    private void begin() {
        while (busy < threads && !waiting.isEmpty()) {
            List<Waiting> taken = take();
            busy++;
            computation.run(() -> taken.stream().map(this::counted).toList()).onComplete(done -> {
                busy--;
                for (int i = 0; i < taken.size(); i++) {
                    Future<Counted> counted =
                            done.succeeded() ? done.result().get(i) : Future.failedFuture(done.cause());
                    counted.onComplete(taken.get(i).promise());
                }
                begin();
            });
        }
    }

    /** A thread's share, in order of arrival. */
    private List<Waiting> take() {
        int share = Math.ceilDiv(waiting.size(), threads);
        List<Waiting> taken = new ArrayList<>();
        int characters = 0;
        while (taken.size() < share && !waiting.isEmpty()) {
            characters += waiting.element().characters();
            if (!taken.isEmpty() && characters > TOGETHER) {
                break;
            }
            taken.add(waiting.remove());
        }
        return taken;
    }

    private Future<Counted> counted(Waiting next) {
        if (next.deadline().passed()) {
            return Future.failedFuture(ApiError.of(
                            ErrorType.TIMEOUT_ERROR, "deadline_exceeded", "The tokens could not be counted in time.")
                    .exception());
        }
        try {
            Count count = next.count();
            return Future.succeededFuture(new Counted(tokens.count(count.vocabulary(), count.texts())));
        } catch (RuntimeException e) {
            return Future.failedFuture(e);
        }
    }
}
