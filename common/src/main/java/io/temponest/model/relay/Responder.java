package io.temponest.model.relay;

import io.temponest.model.relay.Exchange.Reader;
import io.vertx.core.Future;
import java.util.Optional;

/** Somebody who answers a call: a provider on the wire, or a model in the workers. Lives on one event loop. */
interface Responder {

    /** Completes when the answer has begun; fails with a {@link Fault.Failure} when there is none. */
    Future<Begun> begun();

    /** Gives a stream to its reader; to be called once, when it has begun. */
    void readBy(Reader reader);

    /** When it is over: empty when the answer is complete. Never fails. */
    Future<Optional<Fault>> ended();

    /** Whether anybody was asked at all; what was not is not paid for. */
    boolean sent();

    /** Ends it from outside, at once. */
    void stop(Fault why);
}
