package io.temponest.cli;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.model.Cancellation;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.spend.Usage;
import io.temponest.workers.extractive.ExtractiveProvider;
import io.vertx.core.Future;
import java.util.List;
import java.util.function.Consumer;

/** The built-in models as a gateway knows them: it lists them, and workers alone ask them. */
final class BuiltInModels implements ModelProvider {

    @Override
    public String name() {
        return ExtractiveProvider.PROVIDER;
    }

    @Override
    public Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        return Future.succeededFuture(new Failed(
                ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "model_not_here", "Only workers ask the built-in models."),
                false,
                Usage.NONE));
    }

    @Override
    public Future<List<String>> models() {
        return Future.succeededFuture(List.of(ExtractiveProvider.MODEL));
    }
}
