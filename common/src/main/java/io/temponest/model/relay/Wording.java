package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.IncludeUsage;
import io.temponest.model.wire.RequestScan;
import io.temponest.model.wire.RequestScan.Place;
import io.temponest.model.wire.Wire;
import io.temponest.model.wire.answer.Answering;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A call in the words of the provider that is asked, and the provider's answer in the words of the client. */
final class Wording {

    private static final String OLD_LIMIT = "max_tokens";
    private static final String NEW_LIMIT = "max_completion_tokens";

    /** Anthropic's least budget of thinking. */
    private static final long LEAST_THINKING = 1_024;

    private static final ApiError TOO_LITTLE_TO_THINK = ApiError.of(
            ErrorType.RATE_LIMIT_ERROR,
            Attempts.QUOTA,
            "A hard budget of this call has too little left for an answer with thinking.");

    private final RelayCall call;
    private final ModelName target;
    private final Form form;
    private final boolean newLimitName;

    /**
     * @param form the provider's
     * @param newLimitName whether the provider knows {@code max_completion_tokens}; others of its kind may not
     */
    Wording(RelayCall call, ModelName target, Form form, boolean newLimitName) {
        this.call = call;
        this.target = target;
        this.form = form;
        this.newLimitName = newLimitName;
    }

    Form form() {
        return form;
    }

    private boolean passes() {
        return form == call.form() || call.operation() == Operation.EMBEDDINGS;
    }

    private boolean chatStream() {
        return passes() && form == Form.OPENAI_CHAT && call.scan().stream();
    }

    /** @throws io.temponest.error.ApiException for what the provider's API cannot express, with the field named */
    byte[] request(OptionalLong outputCap) {
        byte[] body = passes()
                ? passed()
                : Wire.request(call.form(), form, call.body().getBytes(), target.model(), newLimitName);
        if (call.operation() != Operation.CHAT) {
            return body;
        }
        if (outputCap.isPresent()) {
            return capped(body, outputCap.getAsLong());
        }
        // A server that does not know the new name would answer without a limit.
        return passes() && !newLimitName && call.scan().limitHasNewName()
                ? capped(body, call.scan().maxOutputTokens().getAsLong())
                : body;
    }

    private byte[] passed() {
        RequestScan scan = call.scan();
        byte[] body = call.body().getBytes();
        if (!chatStream()) {
            return scan.withModel(body, target.model());
        }
        // What stands behind is replaced first, so that the other's place stays where it is.
        return optionsBehindModel(scan)
                ? scan.withModel(IncludeUsage.set(body, scan), target.model())
                : IncludeUsage.set(scan.withModel(body, target.model()), scan);
    }

    private static boolean optionsBehindModel(RequestScan scan) {
        RequestScan.Options options = scan.options();
        return Stream.of(options.object(), options.nothing(), options.includeUsage())
                .flatMap(Optional::stream)
                .map(Place::from)
                .anyMatch(from -> from > scan.modelPlace().from());
    }

    /** The limit that money sets; the model ends there by itself, with everybody told why. None that is given is raised. */
    private byte[] capped(byte[] body, long most) {
        ObjectNode request = (ObjectNode) Json.tree(new String(body, StandardCharsets.UTF_8));
        switch (form) {
            case OPENAI_CHAT, OPENAI_RESPONSES -> {
                boolean old = !newLimitName || request.hasNonNull(OLD_LIMIT);
                long limit = least(request.path(OLD_LIMIT), least(request.path(NEW_LIMIT), most));
                request.remove(List.of(OLD_LIMIT, NEW_LIMIT));
                request.put(old ? OLD_LIMIT : NEW_LIMIT, limit);
            }
            case ANTHROPIC_MESSAGES -> {
                thinking(request, most);
                request.put(OLD_LIMIT, least(request.path(OLD_LIMIT), most));
            }
            case OLLAMA_CHAT -> {
                ObjectNode options = request.withObject("/options");
                options.put("num_predict", least(options.path("num_predict"), most));
            }
        }
        return Json.bytes(request);
    }

    /** Below zero a limit is none. */
    private static long least(JsonNode given, long most) {
        return given.canConvertToLong() && given.longValue() >= 0 ? Math.min(given.longValue(), most) : most;
    }

    /** Anthropic wants the limit above what may be thought, so that is cut by the same share. */
    private static void thinking(ObjectNode request, long most) {
        long budget = request.path("thinking").path("budget_tokens").asLong();
        long limit = request.path(OLD_LIMIT).asLong();
        if (budget < most || budget >= limit) {
            return;
        }
        if (most <= LEAST_THINKING) {
            throw TOO_LITTLE_TO_THINK.exception();
        }
        long share = (long) ((double) budget / limit * most);
        request.withObject("/thinking").put("budget_tokens", Math.max(LEAST_THINKING, share));
    }

    /**
     * How answers are said; reads the request for what they repeat of it.
     *
     * @param id letters and digits that no other answer has
     */
    Speech speech(String id) {
        Answering about = new Answering(
                id,
                Instant.now().getEpochSecond(),
                target.toString(),
                call.requestId(),
                call.scan().includeUsage(),
                call.form() == Form.OPENAI_RESPONSES
                        ? Answering.echo(call.body().getBytes())
                        : Json.STRICT.createObjectNode());
        return new Speech(
                call.operation() == Operation.EMBEDDINGS ? call.form() : form,
                call.form(),
                chatStream() && !call.scan().includeUsage(),
                about);
    }
}
