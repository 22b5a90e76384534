package io.temponest.model.relay;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.IncludeUsage;
import io.temponest.model.wire.RequestScan;
import io.temponest.model.wire.RequestScan.Place;
import io.temponest.model.wire.Wire;
import io.temponest.model.wire.answer.Answering;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.stream.Stream;

/** A call in the words of the provider that is asked, and the provider's answer in the words of the client. */
final class Wording {

    private final RelayCall call;
    private final ModelName target;
    private final Form form;
    private final boolean newField;

    /**
     * @param form the provider's
     * @param newField whether the provider knows {@code max_completion_tokens}; others of its kind may not
     */
    Wording(RelayCall call, ModelName target, Form form, boolean newField) {
        this.call = call;
        this.target = target;
        this.form = form;
        this.newField = newField;
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
                : Wire.request(call.form(), form, call.body().getBytes(), target.model());
        if (call.operation() != Operation.CHAT) {
            return body;
        }
        if (outputCap.isPresent()) {
            return capped(body, outputCap.getAsLong());
        }
        // A server that does not know the new name would answer without a limit.
        return passes() && !newField && call.scan().limitHasNewName()
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

    /** The limit that money sets; the model ends there by itself, with everybody told why. */
    private byte[] capped(byte[] body, long most) {
        ObjectNode request = (ObjectNode) Json.tree(new String(body, java.nio.charset.StandardCharsets.UTF_8));
        switch (form) {
            case OPENAI_CHAT, OPENAI_RESPONSES -> {
                boolean old = request.has("max_tokens") || !newField;
                request.remove(List.of("max_tokens", "max_completion_tokens"));
                request.put(old ? "max_tokens" : "max_completion_tokens", most);
            }
            case ANTHROPIC_MESSAGES -> request.put("max_tokens", most);
            case OLLAMA_CHAT -> request.withObject("/options").put("num_predict", most);
        }
        return Json.bytes(request);
    }

    /** @param id letters and digits that no other answer has */
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
