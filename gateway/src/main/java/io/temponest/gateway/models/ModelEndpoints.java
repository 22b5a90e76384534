package io.temponest.gateway.models;

import io.temponest.error.ApiError;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Listing;
import io.temponest.identity.Permission;
import io.temponest.model.Models;
import io.vertx.core.Future;
import java.util.List;
import java.util.stream.Stream;

/** Which models there are. */
public final class ModelEndpoints {

    private final Models models;

    public ModelEndpoints(Models models) {
        this.models = models;
    }

    public List<Endpoint> all() {
        Access use = Access.needs(Permission.MODELS_USE);
        return List.of(
                Endpoint.get("/v1/models", use, this::list),
                Endpoint.get("/v1/models/{model}", use, this::get).single());
    }

    private record ModelView(String id, String object, long created, String ownedBy) {}

    private Future<Answer> list(Call call) {
        return views().map(views -> Answer.ok(Listing.all(views, ModelView::id)));
    }

    private Future<Answer> get(Call call) {
        String name = call.path("model");
        return views().map(views -> views.stream()
                .filter(view -> view.id().equals(name))
                .findFirst()
                .map(Answer::ok)
                .orElseThrow(() -> ApiError.notFound("model", name).exception()));
    }

    /** Those of the providers, the one that embeds, and the names of one's own. */
    private Future<List<ModelView>> views() {
        return models.list()
                .map(names -> Stream.of(names.stream(), Stream.of(ModelChoice.EMBEDDING))
                        .flatMap(all -> all)
                        .map(name -> new ModelView(name.toString(), "model", 0, name.provider())))
                .map(views -> Stream.concat(
                                views,
                                models.aliases().names().stream().map(name -> new ModelView(name, "model", 0, "alias")))
                        .toList());
    }
}
