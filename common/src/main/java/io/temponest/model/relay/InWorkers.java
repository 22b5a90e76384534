package io.temponest.model.relay;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.bus.Dialog;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.ModelAddresses;
import io.temponest.model.ModelAddresses.Ask;
import io.temponest.model.ModelAddresses.End;
import io.temponest.model.ModelAddresses.Said;
import io.temponest.model.ModelName;
import io.temponest.model.relay.Exchange.Event;
import io.temponest.model.relay.Exchange.Reader;
import io.temponest.model.relay.Fault.Kind;
import io.temponest.spend.Usage;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** An answer of a model that runs in the workers, as a provider on the wire would stream it. Lives on one event loop. */
final class InWorkers implements Responder {

    private final ModelName model;
    private final boolean stream;
    private final Settling settling;
    private final Deadline deadline;
    private final String id;
    private final long created = Instant.now().getEpochSecond();
    private final StringBuilder text = new StringBuilder();
    private final Promise<Begun> begun = Promise.promise();
    private final Promise<Optional<Fault>> ended = Promise.promise();
    private @Nullable Dialog<Said> dialog;
    private @Nullable Event first;
    private @Nullable Reader reader;
    private Runnable onReader = () -> {};

    /** @param id letters and digits that no other answer has */
    InWorkers(ModelName model, String id, boolean stream, Settling settling, Deadline deadline) {
        this.deadline = deadline;
        this.model = model;
        this.id = "chatcmpl-" + id;
        this.stream = stream;
        this.settling = settling;
    }

    private record Body(
            String id, String object, long created, String model, List<Choice> choices, Optional<Counts> usage) {}

    private record Choice(
            int index,
            Optional<Map<String, String>> delta,
            Optional<Map<String, String>> message,
            Optional<String> finishReason) {}

    private record Counts(long promptTokens, long completionTokens, long totalTokens) {

        static Counts of(Usage usage) {
            return new Counts(usage.inputTokens(), usage.outputTokens(), usage.inputTokens() + usage.outputTokens());
        }
    }

    /** Opens the dialog with a worker. */
    void ask(Bus bus, Ask question) {
        Dialog.open(bus, ModelAddresses.ASK, question, deadline).onComplete(opened -> {
            if (opened.failed()) {
                end(Optional.of(fault(opened.cause())));
            } else if (ended.future().isComplete()) {
                opened.result().close();
            } else {
                dialog = opened.result();
                pull(opened.result());
            }
        });
    }

    private void pull(Dialog<Said> from) {
        from.next().onComplete(next -> {
            if (ended.future().isComplete()) {
                return;
            }
            if (next.failed()) {
                end(Optional.of(fault(next.cause())));
            } else if (next.result().isEmpty()) {
                end(Optional.of(broken()));
            } else {
                said(next.result().get(), from);
            }
        });
    }

    private void said(Said said, Dialog<Said> from) {
        if (said.end().isPresent()) {
            ended(said.end().get());
        } else if (stream) {
            pass(chunk(Map.of("role", "assistant", "content", said.text()), Optional.empty(), Optional.empty()))
                    .onComplete(room -> pull(from));
        } else {
            text.append(said.text());
            pull(from);
        }
    }

    private void ended(End end) {
        if (end.error().isPresent()) {
            end(Optional.of(Fault.inWorkers(end.error().get(), deadline)));
        } else if (stream) {
            pass(chunk(Map.of(), Optional.of("stop"), Optional.empty()))
                    .compose(room -> pass(usage(end.usage())))
                    .compose(room -> pass(new Event("message", "[DONE]")))
                    .onComplete(room -> end(Optional.empty()));
        } else {
            Buffer body = Buffer.buffer(whole(end.usage()));
            settling.whole(body);
            begun.tryComplete(new Begun.Whole(body));
            end(Optional.empty());
        }
    }

    private byte[] whole(Usage usage) {
        Map<String, String> message = Map.of("role", "assistant", "content", text.toString());
        Choice choice = new Choice(0, Optional.empty(), Optional.of(message), Optional.of("stop"));
        return Json.bytes(new Body(
                id, "chat.completion", created, model.toString(), List.of(choice), Optional.of(Counts.of(usage))));
    }

    private Event chunk(Map<String, String> delta, Optional<String> finish, Optional<Counts> usage) {
        return chunk(List.of(new Choice(0, Optional.of(delta), Optional.empty(), finish)), usage);
    }

    /** As OpenAI sends it: in a chunk of its own, without a choice. */
    private Event usage(Usage usage) {
        return chunk(List.of(), Optional.of(Counts.of(usage)));
    }

    private Event chunk(List<Choice> choices, Optional<Counts> usage) {
        return new Event(
                "message", Json.text(new Body(id, "chat.completion.chunk", created, model.toString(), choices, usage)));
    }

    /** The first piece waits for a reader, and the worker with it. */
    private Future<Void> pass(Event event) {
        settling.event(event);
        Reader to = reader;
        if (to != null) {
            return to.event(event);
        }
        Promise<Void> taken = Promise.promise();
        // One at a time: the next is pulled when this one is taken.
        first = event;
        onReader = taken::complete;
        begun.tryComplete(new Begun.Streaming());
        return taken.future();
    }

    @Override
    public Future<Begun> begun() {
        return begun.future();
    }

    @Override
    public void readBy(Reader to) {
        reader = to;
        Event waiting = first;
        first = null;
        if (waiting != null) {
            to.event(waiting).onComplete(room -> onReader.run());
        }
        if (ended.future().isComplete()) {
            to.ended(ended.future().result());
        }
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
        if (!ended.tryComplete(why)) {
            return;
        }
        if (why.isPresent() && dialog != null) {
            dialog.close();
        }
        why.ifPresent(fault -> begun.tryFail(fault.failure()));
        if (reader != null) {
            reader.ended(why);
        }
    }

    private static Fault broken() {
        return Fault.of(
                Kind.TRANSIENT,
                ApiError.of(ErrorType.UPSTREAM_ERROR, "provider_stream_broken", "The worker broke the answer off."));
    }

    private Fault fault(Throwable failure) {
        return failure instanceof ApiException known ? Fault.inWorkers(known.error(), deadline) : broken();
    }
}
