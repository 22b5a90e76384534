package io.temponest.spend;

import io.vertx.core.Future;
import java.util.List;

/** Statements that went down one connection without waiting for each other. */
final class Pipelined {

    private Pipelined() {}

    /** Ends when all have ended; fails as the first of them did, since those after it only say that the transaction is over. */
    static Future<Void> all(List<Future<?>> sent) {
        return Future.join(sent)
                .transform(ended -> sent.stream()
                        .filter(Future::failed)
                        .findFirst()
                        .map(failed -> Future.<Void>failedFuture(failed.cause()))
                        .orElseGet(Future::succeededFuture));
    }
}
