package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.ModelName;
import io.temponest.model.TokenCounter;
import io.temponest.model.relay.Estimates.Estimate;
import io.temponest.model.relay.Exchange.Event;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.Recorder;
import io.temponest.model.wire.UsageMeter;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.CompleteAnswer;
import io.temponest.model.wire.answer.Tokens;
import io.temponest.spend.Settlement;
import io.temponest.spend.Settlement.Status;
import io.temponest.spend.Ticket;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * Settles one attempt at its end, however it ended: with the provider's own numbers, or counted by us where it sent none. Lives
 * on one event loop.
 */
final class Settling {

    /** What a token has of characters where only these are known. */
    static final int CHARACTERS_PER_TOKEN = 4;

    private final Vertx vertx;
    private final Estimates estimates;
    private final TokenCounter counter;
    private final RelayCall call;
    private final Estimate estimate;
    private final Ticket ticket;
    private final UsageMeter meter;
    private final Overrun overrun;
    private Runnable onOverrun = () -> {};
    private final Optional<Recorder> recorder;
    private final long startedNanos = System.nanoTime();
    private final Promise<Settled> settled = Promise.promise();

    /** @param form the provider's */
    Settling(Vertx vertx, Estimates estimates, TokenCounter counter, Attempted attempted, Form form) {
        this.vertx = vertx;
        this.estimates = estimates;
        this.counter = counter;
        this.call = attempted.call();
        this.estimate = attempted.estimate();
        this.ticket = attempted.ticket();
        this.meter = new UsageMeter(form);
        this.overrun = new Overrun(attempted.estimate(), attempted.ticket());
        this.recorder = call.recorded() ? Optional.of(new Recorder(form, attempted.about())) : Optional.empty();
    }

    /** What is settled. */
    record Attempted(RelayCall call, Estimate estimate, Ticket ticket, TypeId id) {

        ModelName model() {
            return estimate.model();
        }

        private Answering about() {
            return Answering.of(
                    id.suffix(), Instant.now().getEpochSecond(), model().toString(), call.requestId(), false);
        }
    }

    /** @param action stops an answer that costs more than its hard budgets have left; called at most once */
    void whenOverrun(Runnable action) {
        onOverrun = action;
    }

    void event(Event event) {
        meter.event(event.data());
        recorder.ifPresent(taking -> taking.event(event.data()));
        if (overrun.begins(meter)) {
            // After what has come with this event: it may be the end.
            vertx.runOnContext(soon -> onOverrun.run());
        }
    }

    void whole(Buffer body) {
        meter.whole(body.getBytes());
        recorder.ifPresent(taking -> taking.whole(body.getBytes()));
    }

    /** Nobody was asked after all. */
    void nothingUsed() {
        settle(Status.FAILED, Usage.NONE);
    }

    /**
     * The attempt is over.
     *
     * @param why it is not complete
     */
    void settle(Optional<Fault> why) {
        Status status = why.isEmpty()
                ? Status.SUCCEEDED
                : why.get().kind() == Fault.Kind.FINAL ? Status.CANCELLED : Status.FAILED;
        usage(status).onComplete(known -> settle(status, known.result()));
    }

    /** Never fails. */
    private Future<Usage> usage(Status status) {
        long spoken = Math.ceilDiv(meter.outputCharacters(), CHARACTERS_PER_TOKEN);
        if (meter.tokens().isPresent()) {
            Tokens tokens = meter.tokens().get();
            // A stream that was cut short said at its begin what it has read, and nothing yet of what it has written.
            boolean cut = status != Status.SUCCEEDED && spoken > tokens.output();
            return Future.succeededFuture(
                    new Usage(tokens.input(), tokens.cached(), cut ? spoken : tokens.output(), cut));
        }
        if (status == Status.FAILED && meter.outputCharacters() == 0) {
            return Future.succeededFuture(Usage.NONE);
        }
        boolean unseen = status == Status.CANCELLED && !call.streams();
        long output = unseen ? estimate.outputUnseen(ticket, age()) : spoken;
        long byLength = Math.ceilDiv(call.textBytes(), CHARACTERS_PER_TOKEN);
        long pictures = (long) Estimates.TOKENS_PER_IMAGE * call.scan().images();
        return vertx.executeBlocking(() -> texts(call.body().getBytes()), false)
                .compose(texts -> counter.count(estimate.model(), texts))
                .otherwise(byLength)
                .map(input -> new Usage(input + pictures, 0, output, true));
    }

    private Duration age() {
        return Duration.ofNanos(System.nanoTime() - startedNanos);
    }

    /** All that the request says, in words; pictures and files are none. */
    private static List<String> texts(byte[] body) {
        List<String> texts = new ArrayList<>();
        try {
            JsonNode request = Json.tree(new String(body, StandardCharsets.UTF_8));
            for (String field : List.of("system", "instructions", "messages", "input", "tools")) {
                collect(request.path(field), texts);
            }
        } catch (UncheckedIOException e) {
            texts.add(new String(body, StandardCharsets.UTF_8));
        }
        return texts;
    }

    private static void collect(JsonNode node, List<String> texts) {
        if (node.isTextual()) {
            if (!node.textValue().startsWith("data:")) {
                texts.add(node.textValue());
            }
        } else if (!node.path("type").asText().equals("base64")) {
            node.forEach(child -> collect(child, texts));
        }
    }

    private void settle(Status status, Usage usage) {
        long cacheWritten = meter.tokens().map(Tokens::cacheWritten).orElse(0L);
        BigDecimal cost = estimate.price().cost(usage, cacheWritten);
        ticket.settle(new Settlement(status, usage, Usd.ceil(cost), age()));
        if (status == Status.SUCCEEDED) {
            estimates.learn(estimate, cost);
        }
        Optional<CompleteAnswer> answer =
                status == Status.SUCCEEDED ? recorder.flatMap(Recorder::answer) : Optional.empty();
        settled.tryComplete(new Settled(usage, cost, meter.finishReason(), answer));
    }

    /** What it came to; never fails. */
    Future<Settled> settled() {
        return settled.future();
    }
}
