package io.temponest.bus;

import io.temponest.error.ApiError;
import io.vertx.core.eventbus.ReplyException;
import io.vertx.core.eventbus.ReplyFailure;

/** A refusal or failure that the other side of the bus put into words for the client. */
final class BusFailure extends ReplyException {

    static final int CODE = 4000;

    private static final long serialVersionUID = 1L;

    private final transient ApiError error;

    BusFailure(ApiError error) {
        super(ReplyFailure.RECIPIENT_FAILURE, CODE, error.message());
        this.error = error;
    }

    ApiError error() {
        return error;
    }
}
