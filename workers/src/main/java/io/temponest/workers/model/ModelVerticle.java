package io.temponest.workers.model;

import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.bus.DialogWriter;
import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.knowledge.Location;
import io.temponest.knowledge.Passage;
import io.temponest.model.Cancellation;
import io.temponest.model.Message;
import io.temponest.model.ModelAddresses;
import io.temponest.model.ModelAddresses.Ask;
import io.temponest.model.ModelAddresses.Embed;
import io.temponest.model.ModelAddresses.Embedded;
import io.temponest.model.ModelAddresses.End;
import io.temponest.model.ModelAddresses.Said;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.ModelRequest.Sampling;
import io.temponest.node.Node;
import io.temponest.workers.knowledge.Embedder;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** Answers with the models that run in this process. */
public final class ModelVerticle extends VerticleBase {

    private static final int AT_ONCE = 256;
    private static final Duration LONGEST = Duration.ofMinutes(2);

    private final Node node;
    private final ModelProvider extractive;
    private final Embedder embedder;
    private final Ids ids = new Ids();

    public ModelVerticle(Node node, ModelProvider extractive, Embedder embedder) {
        this.node = node;
        this.extractive = extractive;
        this.embedder = embedder;
    }

    @Override
    public Future<?> start() {
        Bus bus = node.bus();
        DialogWriter.<Ask, Said>serve(vertx, bus, ModelAddresses.ASK, AT_ONCE, this::answer);
        bus.serve(ModelAddresses.EMBED, AT_ONCE, (wanted, deadline) -> embed(wanted));
        return Future.succeededFuture();
    }

    private void answer(Ask wanted, DialogWriter<Said> writer) {
        Cancellation cancellation = new Cancellation();
        extractive
                .ask(
                        request(wanted),
                        piece -> writer.write(new Said(piece, Optional.empty())).onSuccess(more -> {
                            if (!more) {
                                cancellation.cancel();
                            }
                        }),
                        cancellation,
                        Deadline.after(LONGEST))
                .onComplete(done -> {
                    if (done.succeeded()) {
                        writer.write(new Said("", Optional.of(end(done.result()))));
                    }
                    // A reader whose stream ends without an end knows that it broke.
                    writer.end();
                });
    }

    private static End end(ModelOutcome outcome) {
        Optional<ApiError> error = outcome instanceof Failed failed ? Optional.of(failed.error()) : Optional.empty();
        return new End(outcome.usage(), error);
    }

    /** What was said before the question is what there is to quote from. */
    private ModelRequest request(Ask wanted) {
        List<Passage> passages = new ArrayList<>();
        for (Message message : wanted.messages().subList(0, wanted.messages().size() - 1)) {
            passages.add(new Passage(
                    ids.next(Kind.CHUNK),
                    ids.next(Kind.DOCUMENT),
                    message.role().toString(),
                    message.content(),
                    1,
                    new Location(Optional.empty(), 1, 1, Optional.empty())));
        }
        return new ModelRequest(
                wanted.model(),
                List.of(wanted.messages().getLast()),
                passages,
                List.of(),
                List.of(),
                new Sampling(0, 1, Optional.empty(), wanted.maxOutputTokens()),
                wanted.payer());
    }

    private Future<Embedded> embed(Embed wanted) {
        return embedder.together(wanted.texts())
                .compose(vectors -> embedder.tokenCounter()
                        .map(counter -> new Embedded(
                                vectors,
                                wanted.texts().stream()
                                        .mapToLong(counter::applyAsInt)
                                        .sum())));
    }
}
