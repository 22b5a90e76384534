package io.temponest.model;

import io.temponest.bus.Deadline;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;

/** A source of model answers. */
public interface ModelProvider {

    /** The part of a model's name before the slash. */
    String name();

    /**
     * Asks a model and streams its answer.
     *
     * @param deltas hears each piece of text as it arrives, in order, on the caller's context, before the future completes
     * @param cancellation when asked for, the provider is told within 200 ms and the outcome is {@code Cancelled}
     * @return never fails for what a provider or the network does; see {@link ModelOutcome}
     */
    Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline);

    /** The names of its models, without the provider. Fails when the provider cannot be asked. */
    Future<List<String>> models();
}
