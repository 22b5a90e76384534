package io.temponest.gateway.http;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.vertx.core.Vertx;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.concurrent.TimeoutException;

/**
 * The one timer of a request that was let in: its body must arrive in time, however slowly its bytes trickle in, and its answer
 * before its deadline. Lives as long as its request, on one event loop.
 */
final class Watch {

    private final Vertx vertx;
    private final RoutingContext context;
    private final Duration patience;
    private final Deadline deadline;
    private long timer;
    private boolean received;

    /** @param patience how long the body may take to arrive */
    Watch(Vertx vertx, RoutingContext context, Duration patience, Deadline deadline) {
        this.vertx = vertx;
        this.context = context;
        this.patience = patience;
        this.deadline = deadline;
        this.timer = vertx.setTimer(patience.toMillis(), due -> bodyDue());
        context.addEndHandler(over -> stop());
    }

    private void bodyDue() {
        if (received) {
            timer = vertx.setTimer(deadline.remainingMillis(), late -> answerDue());
        } else {
            context.fail(
                    ApiError.of(ErrorType.REQUEST_TIMEOUT_ERROR, "body_too_slow", "The body did not arrive in time.")
                            .exception());
        }
    }

    private void answerDue() {
        if (!Call.over(context)) {
            context.fail(new TimeoutException("the deadline has passed"));
        }
    }

    /** The body is here. */
    void received() {
        received = true;
        if (deadline.remainingMillis() < patience.toMillis()) {
            stop();
            timer = vertx.setTimer(deadline.remainingMillis(), late -> answerDue());
        }
    }

    void stop() {
        vertx.cancelTimer(timer);
    }
}
