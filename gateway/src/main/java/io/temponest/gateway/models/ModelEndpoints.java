package io.temponest.gateway.models;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.bus.Bus;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Permission;
import io.temponest.json.Json;
import io.temponest.model.Models;
import io.temponest.model.TokenAddresses;
import io.temponest.model.TokenAddresses.Count;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Which models there are, and how many tokens a text has for them. */
public final class ModelEndpoints {

    /** What OpenAI's chat format adds around each message, around a name, and before the answer. */
    private static final int PER_MESSAGE = 3;

    private static final int PER_NAME = 1;
    private static final int BEFORE_ANSWER = 3;
    private static final int LONGEST_NAME = 250;

    private final Models models;
    private final Bus bus;

    public ModelEndpoints(Models models, Bus bus) {
        this.models = models;
        this.bus = bus;
    }

    public List<Endpoint> all() {
        Access use = Access.needs(Permission.MODELS_USE);
        return List.of(
                Endpoint.get("/v1/models", use, this::list),
                Endpoint.post("/v1/tokens/count", use, BodyKind.LARGE_JSON, this::count)
                        .limited(RouteClass.MODEL));
    }

    private record ModelView(String id, String object, long created, String ownedBy) {}

    private Future<Answer> list(Call call) {
        return models.list()
                .map(names -> Answer.ok(Listing.all(
                        names.stream()
                                .map(name -> new ModelView(name.toString(), "model", 0, name.provider()))
                                .toList(),
                        ModelView::id)));
    }

    private record CountTokens(
            Optional<String> model,
            Optional<String> text,
            Optional<List<CountedMessage>> messages,
            Optional<List<JsonNode>> tools) {}

    private record CountedMessage(Optional<String> role, Optional<JsonNode> content, Optional<String> name) {}

    private record TokenCount(String object, String model, long tokens, boolean exact) {}

    private Future<Answer> count(Call call) {
        return call.body(CountTokens.class).compose(wanted -> {
            String model = Fields.text("model", wanted.model(), LONGEST_NAME);
            Count question = question(model, wanted);
            return bus.ask(TokenAddresses.COUNT, question, call.deadline())
                    .map(counted -> Answer.ok(new TokenCount(
                            "token_count",
                            model,
                            counted.tokens(),
                            counted.exact() && wanted.tools().isEmpty())));
        });
    }

    private static Count question(String model, CountTokens wanted) {
        if (wanted.text().isPresent() == wanted.messages().isPresent()) {
            throw Fields.invalid(
                    wanted.text().isPresent() ? "messages" : "text",
                    "or its alternative must be given, one of the two");
        }
        if (wanted.text().isPresent()) {
            if (wanted.tools().isPresent()) {
                throw Fields.invalid("tools", "goes with messages, not with text");
            }
            return new Count(model, List.of(wanted.text().get()), 0);
        }
        List<CountedMessage> messages = wanted.messages().orElseThrow();
        List<String> texts = new ArrayList<>();
        int overhead = BEFORE_ANSWER;
        for (int i = 0; i < messages.size(); i++) {
            CountedMessage message = messages.get(i);
            String field = "messages[" + i + "]";
            texts.add(Fields.text(field + ".role", message.role(), LONGEST_NAME));
            message.name().ifPresent(texts::add);
            texts.addAll(contents(field + ".content", Fields.required(field + ".content", message.content())));
            overhead += PER_MESSAGE + (message.name().isPresent() ? PER_NAME : 0);
        }
        wanted.tools().orElse(List.of()).forEach(tool -> texts.add(Json.text(tool)));
        return new Count(model, texts, overhead);
    }

    /** A text, or parts of which each is a text. */
    private static List<String> contents(String field, JsonNode content) {
        if (content.isTextual()) {
            return List.of(content.textValue());
        }
        List<String> texts = new ArrayList<>();
        if (content.isArray()) {
            content.forEach(part -> {
                if (!part.path("type").asText().equals("text")
                        || !part.path("text").isTextual()) {
                    throw Fields.invalid(field, "may only have parts of the type text");
                }
                texts.add(part.path("text").textValue());
            });
            return texts;
        }
        throw Fields.invalid(field, "must be a string or an array of parts");
    }
}
