package io.temponest.workers.extractive;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiException;
import io.temponest.knowledge.Passage;
import io.temponest.model.Cancellation;
import io.temponest.model.ModelOutcome;
import io.temponest.model.ModelOutcome.Cancelled;
import io.temponest.model.ModelOutcome.Completed;
import io.temponest.model.ModelOutcome.Failed;
import io.temponest.model.ModelProvider;
import io.temponest.model.ModelRequest;
import io.temponest.model.TokenCounter;
import io.temponest.spend.Usage;
import io.temponest.workers.extractive.Ranking.Candidate;
import io.temponest.workers.knowledge.Embedder;
import io.vertx.core.Future;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Consumer;

/**
 * The model {@code temponest/extractive}: it answers with sentences of the given passages, word for word, each marked with
 * its passage, and says so when none answers. It never writes a word of its own beyond that.
 */
public final class ExtractiveProvider implements ModelProvider {

    /** The part of the model's name before the slash, and the part behind it. */
    public static final String PROVIDER = "temponest";

    public static final String MODEL = "extractive";

    /** The answer when no sentence answers. */
    public static final String NOTHING_FOUND = "I found nothing in the documents that answers this.";

    private static final int MAX_SENTENCES = 200;

    private final Embedder embedder;
    private final TokenCounter counter;

    public ExtractiveProvider(Embedder embedder, TokenCounter counter) {
        this.embedder = embedder;
        this.counter = counter;
    }

    @Override
    public String name() {
        return PROVIDER;
    }

    @Override
    public Future<ModelOutcome> ask(
            ModelRequest request, Consumer<String> deltas, Cancellation cancellation, Deadline deadline) {
        String question = request.messages().getLast().content();
        List<String> texts = new ArrayList<>();
        List<Integer> passages = new ArrayList<>();
        for (int i = 0; i < request.passages().size(); i++) {
            for (String sentence : Sentences.of(request.passages().get(i).text())) {
                if (texts.size() < MAX_SENTENCES) {
                    texts.add(sentence);
                    passages.add(i + 1);
                }
            }
        }
        return embedder.question(question)
                .compose(asked -> (texts.isEmpty()
                                ? Future.succeededFuture(List.<float[]>of())
                                : embedder.together(texts))
                        .map(vectors -> answer(question, asked, candidates(request, texts, passages, vectors))))
                .compose(sentences -> write(request, sentences, deltas, cancellation))
                .recover(failure -> failure instanceof ApiException known
                        ? Future.succeededFuture(new Failed(known.error(), true, Usage.NONE))
                        : Future.failedFuture(failure));
    }

    private static List<Candidate> candidates(
            ModelRequest request, List<String> texts, List<Integer> passages, List<float[]> vectors) {
        List<Candidate> candidates = new ArrayList<>();
        for (int i = 0; i < texts.size(); i++) {
            int passage = passages.get(i);
            double score = request.passages().get(passage - 1).score();
            candidates.add(new Candidate(texts.get(i), passage, score, i, vectors.get(i)));
        }
        return candidates;
    }

    private static List<String> answer(String question, float[] asked, List<Candidate> candidates) {
        List<String> sentences = Ranking.choose(question, asked, candidates).stream()
                .map(chosen -> chosen.text() + " [" + chosen.passage() + "]")
                .toList();
        return sentences.isEmpty() ? List.of(NOTHING_FOUND) : sentences;
    }

    private Future<ModelOutcome> write(
            ModelRequest request, List<String> sentences, Consumer<String> deltas, Cancellation cancellation) {
        StringBuilder text = new StringBuilder();
        for (String sentence : sentences) {
            if (cancellation.isRequested()) {
                return Future.succeededFuture(new Cancelled(Usage.NONE));
            }
            String piece = (text.isEmpty() ? "" : "\n") + sentence;
            text.append(piece);
            deltas.accept(piece);
        }
        List<String> input = new ArrayList<>();
        request.messages().forEach(message -> input.add(message.content()));
        request.passages().stream().map(Passage::text).forEach(input::add);
        return Future.join(
                        counter.count(request.model(), input), counter.count(request.model(), List.of(text.toString())))
                .map(both -> new Usage(both.<Long>resultAt(0), 0, both.<Long>resultAt(1), true))
                .otherwise(new Usage(0, 0, 0, true))
                .map(usage -> new Completed(text.toString(), "stop", usage));
    }

    @Override
    public Future<List<String>> models() {
        return Future.succeededFuture(List.of(MODEL));
    }
}
