package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.ModelAddresses;
import io.temponest.model.ModelAddresses.Embed;
import io.temponest.model.ModelName;
import io.temponest.model.relay.Exchange.Reader;
import io.temponest.model.relay.Fault.Kind;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.Optional;

/** Vectors of the embedding model in the workers, as OpenAI's embeddings API answers. Lives on one event loop. */
final class EmbeddedTexts implements Responder {

    /** One message of the bus holds so many vectors. */
    private static final int AT_ONCE = 8;

    private static final int MOST = 256;
    private static final int LONGEST_TEXT = 32 << 10;

    private final Settling settling;
    private final Promise<Begun> begun = Promise.promise();
    private final Promise<Optional<Fault>> ended = Promise.promise();
    private final List<float[]> vectors = new ArrayList<>();
    private long tokens;

    EmbeddedTexts(Settling settling) {
        this.settling = settling;
    }

    private record Body(String object, List<Row> data, String model, Used usage) {}

    private record Row(String object, int index, Object embedding) {}

    private record Used(long promptTokens, long totalTokens) {}

    /** What is to be embedded, and how vectors are written. */
    record Wanted(List<String> texts, boolean base64) {

        /** @throws Fault.Failure for what the model cannot do */
        static Wanted of(byte[] body) {
            JsonNode request = Json.read(body, JsonNode.class);
            return new Wanted(EmbeddedTexts.texts(request.path("input")), EmbeddedTexts.base64(request));
        }
    }

    void ask(Bus bus, ModelName model, Wanted wanted, Deadline deadline) {
        next(bus, model, wanted.texts(), wanted.base64(), deadline);
    }

    private static boolean base64(JsonNode request) {
        return switch (request.path("encoding_format").asText("float")) {
            case "float" -> false;
            case "base64" -> true;
            default -> throw refused("encoding_format", "must be float or base64");
        };
    }

    private static List<String> texts(JsonNode input) {
        List<String> texts = new ArrayList<>();
        if (input.isTextual()) {
            texts.add(input.textValue());
        }
        for (JsonNode text : input.isArray() ? input : Json.STRICT.createArrayNode()) {
            if (!text.isTextual()) {
                throw refused("input", "must be a text or a list of texts for this model");
            }
            texts.add(text.textValue());
        }
        if (texts.isEmpty() || texts.size() > MOST || texts.stream().anyMatch(text -> text.length() > LONGEST_TEXT)) {
            throw refused("input", "must hold 1 to %d texts of up to 32 KiB".formatted(MOST));
        }
        return texts;
    }

    private void next(Bus bus, ModelName model, List<String> left, boolean base64, Deadline deadline) {
        if (ended.future().isComplete()) {
            return;
        }
        if (left.isEmpty()) {
            answer(model, base64);
            return;
        }
        List<String> now = left.subList(0, Math.min(AT_ONCE, left.size()));
        bus.ask(ModelAddresses.EMBED, new Embed(model.model(), now), deadline).onComplete(done -> {
            if (done.failed()) {
                end(Optional.of(fault(done.cause(), deadline)));
            } else {
                vectors.addAll(done.result().vectors());
                tokens += done.result().tokens();
                next(bus, model, left.subList(now.size(), left.size()), base64, deadline);
            }
        });
    }

    private void answer(ModelName model, boolean base64) {
        List<Row> rows = new ArrayList<>();
        for (float[] vector : vectors) {
            rows.add(new Row("embedding", rows.size(), base64 ? base64(vector) : vector));
        }
        Buffer body = Buffer.buffer(Json.bytes(new Body("list", rows, model.toString(), new Used(tokens, tokens))));
        settling.whole(body);
        begun.tryComplete(new Begun.Whole(body));
        end(Optional.empty());
    }

    /** Little-endian floats, as OpenAI's API has them. */
    private static String base64(float[] vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.length * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        bytes.asFloatBuffer().put(vector);
        return Base64.getEncoder().encodeToString(bytes.array());
    }

    @Override
    public Future<Begun> begun() {
        return begun.future();
    }

    @Override
    public void readBy(Reader reader) {
        throw new IllegalStateException("vectors come in one piece");
    }

    @Override
    public Future<Optional<Fault>> ended() {
        return ended.future();
    }

    @Override
    public boolean sent() {
        return true;
    }

    @Override
    public void stop(Fault why) {
        end(Optional.of(why));
    }

    private void end(Optional<Fault> why) {
        if (ended.tryComplete(why)) {
            why.ifPresent(fault -> begun.tryFail(fault.failure()));
        }
    }

    private static Fault.Failure refused(String param, String what) {
        ApiError error = new ApiError(
                ErrorType.INVALID_REQUEST_ERROR,
                "'%s' %s.".formatted(param, what),
                Optional.of(param),
                "invalid_value");
        return Fault.of(Kind.REJECTED, error).failure();
    }

    private static Fault fault(Throwable failure, Deadline deadline) {
        return Fault.inWorkers(
                failure instanceof ApiException known
                        ? known.error()
                        : ApiError.of(ErrorType.API_ERROR, "internal_error", "The texts could not be embedded."),
                deadline);
    }
}
