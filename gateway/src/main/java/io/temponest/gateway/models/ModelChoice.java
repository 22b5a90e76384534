package io.temponest.gateway.models;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.model.Aliases;
import io.temponest.model.ModelName;
import io.temponest.model.ModelProvider;
import io.temponest.model.Models;
import io.temponest.model.ProviderKind.Operation;
import io.vertx.core.Future;
import java.util.List;
import java.util.Optional;

/** Says whether a model that a client names can be asked. */
public final class ModelChoice {

    /** The provider in this process, which has the models that it lists and no other. */
    private static final String BUILT_IN = "temponest";

    private static final ModelName EXTRACTIVE = new ModelName(BUILT_IN, "extractive");

    /** What collections are embedded with. */
    static final ModelName EMBEDDING = new ModelName(BUILT_IN, "minilm");

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

    /**
     * Who is asked for a model that a client names: an alias's models, else the one of that name.
     *
     * @param hedge whether the second is asked as well when the first is slow to begin
     */
    public record Targets(List<ModelName> models, boolean hedge) {
        public Targets {
            models = List.copyOf(models);
        }
    }

    /** Fails with 404 {@code model_not_found} when nobody has the model. */
    Future<Targets> targets(Operation operation, String text) {
        Optional<Aliases.Alias> alias = models.aliases().find(text);
        if (alias.isPresent()) {
            return Future.succeededFuture(
                    new Targets(alias.get().models(), alias.get().hedge()));
        }
        Optional<ModelName> name = ModelName.find(text)
                .filter(known -> models.find(known).isPresent())
                .filter(known -> !known.provider().equals(BUILT_IN)
                        || known.equals(operation == Operation.CHAT ? EXTRACTIVE : EMBEDDING));
        return name.isPresent()
                ? Future.succeededFuture(new Targets(List.of(name.get()), false))
                : Future.failedFuture(notFound(text).exception());
    }

    /** The model that is meant first of all; empty for what is no name of a model with its provider. */
    Optional<ModelName> first(String text) {
        return models.aliases()
                .find(text)
                .map(alias -> alias.models().getFirst())
                .or(() -> ModelName.find(text));
    }

    private ApiError notFound(String text) {
        return new ApiError(
                ErrorType.NOT_FOUND_ERROR,
                "No model '%s'. A name is provider/model, agent/slug or an alias; there are the providers %s%s."
                        .formatted(
                                text,
                                String.join(", ", models.providerNames()),
                                models.aliases().names().isEmpty()
                                        ? ""
                                        : " and the aliases "
                                                + String.join(
                                                        ", ", models.aliases().names())),
                Optional.of("model"),
                "model_not_found");
    }

    private static ApiException unknown(String field, String text) {
        return ApiError.invalid(field, "model_not_found", "No model '%s'.".formatted(text))
                .exception();
    }
}
