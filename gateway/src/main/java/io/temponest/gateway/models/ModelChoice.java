package io.temponest.gateway.models;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.model.ModelName;
import io.temponest.model.ModelProvider;
import io.temponest.model.Models;
import io.vertx.core.Future;
import java.util.Optional;

/** Says whether a model that a client names can be asked. */
public final class ModelChoice {

    /** The provider in this process, which has the models that it lists and no other. */
    private static final String BUILT_IN = "temponest";

    private final Models models;

    public ModelChoice(Models models) {
        this.models = models;
    }

    /** The model of a run: the request's, else the agent's, else this node's standard. */
    public Future<ModelName> resolve(Optional<String> requested, Optional<String> agents) {
        return requested
                .or(() -> agents)
                .map(text -> check("model", text))
                .orElseGet(() -> Future.succeededFuture(models.standard()));
    }

    /** The model of this name; a 400 that names the field when it has no provider here. */
    public Future<ModelName> check(String field, String text) {
        Optional<ModelName> name = ModelName.find(text);
        if (name.isEmpty()) {
            return Future.failedFuture(
                    ApiError.invalid(field, "model_invalid", "'%s' must have the form provider/model.".formatted(field))
                            .exception());
        }
        Optional<ModelProvider> provider = models.find(name.get());
        if (provider.isEmpty()) {
            return Future.failedFuture(ApiError.invalid(
                            field,
                            "model_not_found",
                            "No provider '%s' for the model '%s'; there is: %s."
                                    .formatted(name.get().provider(), text, String.join(", ", models.providerNames())))
                    .exception());
        }
        if (!name.get().provider().equals(BUILT_IN)) {
            return Future.succeededFuture(name.get());
        }
        return provider.get()
                .models()
                .compose(known -> known.contains(name.get().model())
                        ? Future.succeededFuture(name.get())
                        : Future.failedFuture(unknown(field, text)));
    }

    private static ApiException unknown(String field, String text) {
        return ApiError.invalid(field, "model_not_found", "No model '%s'.".formatted(text))
                .exception();
    }
}
