package io.temponest.gateway.models;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Permission;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.model.TokenCounter;
import io.temponest.model.Vocabulary;
import io.temponest.model.relay.Relay;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.temponest.model.wire.Wire;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** How many tokens a text, or a conversation, has for a model. A provider that counts itself is asked, and counts most. */
public final class TokenEndpoints {

    private static final int LONGEST_NAME = 250;

    /** What Anthropic's counting takes of a request; it refuses the rest. */
    private static final Set<String> COUNTED_BY_ANTHROPIC = Set.of("model", "messages", "system", "tools");

    private final ModelChoice choice;
    private final TokenCounter counter;
    private final Relay relay;

    public TokenEndpoints(ModelChoice choice, TokenCounter counter, Relay relay) {
        this.choice = choice;
        this.counter = counter;
        this.relay = relay;
    }

    public List<Endpoint> all() {
        Access use = Access.needs(Permission.MODELS_USE);
        return List.of(
                Endpoint.post("/v1/messages/count_tokens", use, BodyKind.LARGE_JSON, this::countMessage)
                        .with(ModelCalls.BETA)
                        .limited(RouteClass.MODEL)
                        .anthropic(),
                Endpoint.post("/v1/tokens/count", use, BodyKind.LARGE_JSON, this::count)
                        .limited(RouteClass.MODEL));
    }

    private record MessageCount(long inputTokens) {}

    /** A request, and what it is counted as where no provider counts it. */
    private record Counted(Optional<ModelName> target, Buffer request, ChatTokens chat) {}

    private Future<Answer> countMessage(Call call) {
        ModelCalls.checkBeta(call);
        byte[] body = call.rawBody().getBytes();
        return call.offLoop(body.length, () -> message(body))
                .compose(counted -> counted.target()
                        .map(target ->
                                relay.countTokens(target, counted.request().getBytes(), call.deadline()))
                        .orElseGet(() -> Future.succeededFuture(Optional.empty()))
                        .compose(said -> said.map(Future::succeededFuture).orElseGet(() -> sum(call, counted.chat()))))
                .map(tokens -> Answer.ok(new MessageCount(tokens)));
    }

    private Counted message(byte[] body) {
        RequestScan scan = RequestScan.of(Form.ANTHROPIC_MESSAGES, body);
        Optional<ModelName> target = choice.first(scan.model());
        ChatTokens chat = ChatTokens.ofAnthropic(name(target, scan.model()), Json.read(body, JsonNode.class));
        byte[] request =
                target.map(model -> scan.withModel(body, model.model())).orElse(body);
        return new Counted(target.filter(relay::countsTokens), Buffer.buffer(request), chat);
    }

    private static String name(Optional<ModelName> target, String given) {
        return target.map(ModelName::model).orElse(given);
    }

    private Future<Long> sum(Call call, ChatTokens chat) {
        return counter.count(chat.vocabulary(), chat.texts(), call.deadline()).map(tokens -> tokens + chat.around());
    }

    private record CountTokens(
            Optional<String> model,
            Optional<String> text,
            Optional<List<CountedMessage>> messages,
            Optional<List<JsonNode>> tools) {}

    private record CountedMessage(
            Optional<String> role,
            Optional<JsonNode> content,
            Optional<String> name,
            Optional<List<JsonNode>> toolCalls,
            Optional<String> toolCallId) {}

    /** @param exact whether the model itself will find as many */
    private record TokenCount(String object, String model, long tokens, boolean exact) {

        TokenCount(String model, long tokens, boolean exact) {
            this("token_count", model, tokens, exact);
        }
    }

    private Future<Answer> count(Call call) {
        return call.body(CountTokens.class)
                .compose(wanted -> {
                    String model = Fields.text("model", wanted.model(), LONGEST_NAME);
                    if (wanted.text().isPresent() == wanted.messages().isPresent()) {
                        throw Fields.invalid(
                                wanted.text().isPresent() ? "messages" : "text",
                                "or its alternative must be given, one of the two");
                    }
                    Optional<ModelName> target = choice.first(model);
                    return wanted.text().isPresent()
                            ? text(call, model, target, wanted)
                            : messages(call, model, target, wanted);
                })
                .map(Answer::ok);
    }

    private Future<TokenCount> text(Call call, String model, Optional<ModelName> target, CountTokens wanted) {
        if (wanted.tools().isPresent()) {
            throw Fields.invalid("tools", "goes with messages, not with text");
        }
        String name = name(target, model);
        return counter.count(Vocabulary.nearest(name), List.of(wanted.text().orElseThrow()), call.deadline())
                .map(tokens -> new TokenCount(model, tokens, Vocabulary.of(name).isPresent()));
    }

    private Future<TokenCount> messages(Call call, String model, Optional<ModelName> target, CountTokens wanted) {
        int bytes = call.rawBody().length();
        return call.offLoop(bytes, () -> chat(name(target, model), wanted))
                .compose(chat -> ofProvider(call, target.filter(relay::countsTokens))
                        // Anthropic says of its own count that it is an estimate.
                        .compose(said -> said.map(
                                        tokens -> Future.succeededFuture(new TokenCount(model, tokens, false)))
                                .orElseGet(() ->
                                        sum(call, chat).map(tokens -> new TokenCount(model, tokens, chat.exact())))));
    }

    private Future<Optional<Long>> ofProvider(Call call, Optional<ModelName> target) {
        byte[] body = call.rawBody().getBytes();
        return target.map(model -> call.offLoop(body.length, () -> forAnthropic(model, body))
                        .compose(request -> relay.countTokens(model, request, call.deadline()))
                        // What its form cannot say, it cannot count.
                        .otherwise(Optional.empty()))
                .orElseGet(() -> Future.succeededFuture(Optional.empty()));
    }

    private static byte[] forAnthropic(ModelName model, byte[] body) {
        ObjectNode request = (ObjectNode)
                Json.read(Wire.request(Form.OPENAI_CHAT, Form.ANTHROPIC_MESSAGES, body, model.model()), JsonNode.class);
        return Json.bytes(request.retain(COUNTED_BY_ANTHROPIC));
    }

    private static ChatTokens chat(String model, CountTokens wanted) {
        ChatTokens chat = new ChatTokens(model);
        List<CountedMessage> messages = wanted.messages().orElseThrow();
        for (int i = 0; i < messages.size(); i++) {
            message(chat, "messages[" + i + "]", messages.get(i));
        }
        List<JsonNode> functions = new ArrayList<>();
        List<JsonNode> tools = wanted.tools().orElse(List.of());
        for (int i = 0; i < tools.size(); i++) {
            functions.add(function("tools[" + i + "]", tools.get(i)));
        }
        chat.functions(functions, "parameters");
        return chat;
    }

    private static void message(ChatTokens chat, String field, CountedMessage message) {
        chat.message(Fields.text(field + ".role", message.role(), LONGEST_NAME));
        message.name().ifPresent(chat::name);
        List<JsonNode> calls = message.toolCalls().orElse(List.of());
        if (message.content().isPresent() || calls.isEmpty()) {
            contents(field + ".content", Fields.required(field + ".content", message.content()))
                    .forEach(chat::text);
        }
        for (int i = 0; i < calls.size(); i++) {
            JsonNode function = function(field + ".tool_calls[" + i + "]", calls.get(i));
            chat.call(function.path("name").asText(), function.path("arguments").asText());
        }
        message.toolCallId().ifPresent(chat::callId);
    }

    private static JsonNode function(String field, JsonNode tool) {
        JsonNode function = tool.path("function");
        if (!function.path("name").isTextual()) {
            throw Fields.invalid(field, "must be a function with a name");
        }
        return function;
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
