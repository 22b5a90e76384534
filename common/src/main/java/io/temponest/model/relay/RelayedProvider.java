package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.Cancellation;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.SseParser;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.temponest.spend.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;

/** A provider on the wire, asked for agents: the same way as for clients of the gateway, with texts in and texts out. */
public final class RelayedProvider implements ModelProvider {

    private static final int MAX_EVENT = 4 << 20;

    private final String name;
    private final Relay relay;

    public RelayedProvider(String name, Relay relay) {
        this.name = name;
        this.relay = relay;
    }

    @Override
    public String name() {
        return name;
    }

    @Override
    public Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        byte[] body = ChatRequest.of(request);
        RelayCall call = new RelayCall(
                Operation.CHAT,
                Form.OPENAI_CHAT,
                Buffer.buffer(body),
                request.payer().run().map(Object::toString).orElse(""),
                RequestScan.of(Form.OPENAI_CHAT, body),
                request.payer(),
                List.of(request.model()),
                true,
                false,
                deadline,
                cancellation,
                false);
        return relay.call(call)
                .compose(relayed -> switch (relayed) {
                    case Relayed.Streaming stream -> read(stream, deltas, cancellation);
                    case Relayed.Whole whole -> whole(whole, deltas);
                })
                .recover(failure -> failure instanceof RelayFailure known
                        ? Future.succeededFuture(failed(known, cancellation))
                        : Future.failedFuture(failure));
    }

    private static ModelOutcome failed(RelayFailure failure, Cancellation cancellation) {
        return cancellation.isRequested()
                ? new Cancelled(Usage.NONE)
                : new Failed(failure.error(), failure.passing(), Usage.NONE);
    }

    private static Future<ModelOutcome> read(
            Relayed.Streaming stream, Consumer<String> deltas, Cancellation cancellation) {
        Listener listener = new Listener(deltas);
        stream.source().accept(listener);
        return listener.ended
                .future()
                .compose(done -> stream.settled())
                .map(settled -> listener.outcome(settled, cancellation));
    }

    /** Hears the frames that a client would get. */
    private static final class Listener implements Relayed.Sink {

        private final Consumer<String> deltas;
        private final StringBuilder text = new StringBuilder();
        private final Promise<Void> ended = Promise.promise();
        private final SseParser parser = new SseParser(MAX_EVENT, event -> chunk(event.data()));
        private Optional<ApiError> error = Optional.empty();
        private Optional<String> finishReason = Optional.empty();
        private final SpokenCalls calls = new SpokenCalls();

        Listener(Consumer<String> deltas) {
            this.deltas = deltas;
        }

        @Override
        public Future<Void> frames(Buffer frames) {
            parser.feed(frames.getBytes());
            return Future.succeededFuture();
        }

        private void chunk(String data) {
            if (data.equals("[DONE]")) {
                return;
            }
            JsonNode chunk = Json.tree(data);
            if (chunk.path("error").isObject()) {
                error = Optional.of(Json.read(chunk.path("error").toString(), ApiError.class));
                return;
            }
            JsonNode choice = chunk.path("choices").path(0);
            Optional.ofNullable(choice.path("finish_reason").textValue())
                    .ifPresent(reason -> finishReason = Optional.of(reason));
            choice.path("delta").path("tool_calls").forEach(calls::add);
            String piece = choice.path("delta").path("content").asText("");
            if (!piece.isEmpty()) {
                text.append(piece);
                deltas.accept(piece);
            }
        }

        @Override
        public void end() {
            ended.complete();
        }

        @Override
        public void breakOff() {
            ended.complete();
        }

        ModelOutcome outcome(Settled settled, Cancellation cancellation) {
            if (error.isEmpty()) {
                return new Completed(
                        text.toString(), calls.all(), finishReason.orElse("stop"), settled.usage(), settled.costUsd());
            }
            // What was shown cannot be taken back: after it nothing is tried again.
            return cancellation.isRequested()
                    ? new Cancelled(settled.usage(), settled.costUsd())
                    : new Failed(error.get(), false, settled.usage(), settled.costUsd());
        }
    }

    /** A server that does not stream although it was asked to. */
    private static Future<ModelOutcome> whole(Relayed.Whole whole, Consumer<String> deltas) {
        JsonNode choice = Json.tree(whole.body().toString()).path("choices").path(0);
        String text = choice.path("message").path("content").asText("");
        SpokenCalls calls = new SpokenCalls();
        choice.path("message").path("tool_calls").forEach(calls::add);
        if (text.isEmpty() && calls.all().isEmpty()) {
            ApiError unreadable = ApiError.of(
                    ErrorType.UPSTREAM_ERROR, "provider_answer_unreadable", "The provider's answer has no text.");
            return whole.settled().map(settled -> new Failed(unreadable, false, settled.usage(), settled.costUsd()));
        }
        if (!text.isEmpty()) {
            deltas.accept(text);
        }
        return whole.settled()
                .map(settled -> new Completed(
                        text,
                        calls.all(),
                        choice.path("finish_reason").asText("stop"),
                        settled.usage(),
                        settled.costUsd()));
    }

    @Override
    public Future<List<String>> models() {
        return relay.models(name)
                .orElseGet(() -> Future.failedFuture(new IllegalArgumentException("no provider '" + name + "'")));
    }
}
