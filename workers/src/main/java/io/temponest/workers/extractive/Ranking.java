package io.temponest.workers.extractive;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;

/**
 * Chooses the sentences that answer a question: by meaning (cosine of embeddings) and by the share of the question's words,
 * weighted by how rare they are among the candidates; then the best ones that do not repeat each other (maximal marginal
 * relevance, Carbonell and Goldstein 1998).
 */
final class Ranking {

    private static final int MOST = 5;
    private static final double MEANING = 0.6;
    private static final double LEAST = 0.38;
    private static final double OF_BEST = 0.72;
    private static final double ALIKE = 0.9;

    private Ranking() {}

    /**
     * A sentence that may answer.
     *
     * @param passage number of its passage, from 1
     * @param order its place among all candidates
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one answer
    record Candidate(String text, int passage, int order, float[] vector) {}

    private record Scored(Candidate candidate, double score) {}

    /** The sentences of the answer, those of the best passage first; none when nothing answers. */
    static List<Candidate> choose(String question, float[] questionVector, List<Candidate> candidates) {
        Set<String> wanted = Words.of(question);
        Map<Candidate, Set<String>> words = new HashMap<>();
        Map<String, Integer> frequency = new HashMap<>();
        for (Candidate candidate : candidates) {
            Set<String> found = Words.of(candidate.text());
            words.put(candidate, found);
            found.forEach(word -> frequency.merge(word, 1, Integer::sum));
        }
        List<Scored> ranked = new ArrayList<>();
        words.forEach((candidate, found) -> {
            double meaning = Math.max(0, cosine(questionVector, candidate.vector()));
            double overlap = overlap(wanted, found, frequency, candidates.size());
            ranked.add(new Scored(candidate, MEANING * meaning + (1 - MEANING) * overlap));
        });
        ranked.sort(Comparator.comparingDouble(Scored::score)
                .reversed()
                .thenComparingInt(scored -> scored.candidate().order()));
        return distinct(ranked);
    }

    private static double overlap(Set<String> wanted, Set<String> found, Map<String, Integer> frequency, int total) {
        double all = 0;
        double shared = 0;
        for (String word : wanted) {
            double weight = Math.log(1 + (double) (total + 1) / (1 + frequency.getOrDefault(word, 0)));
            all += weight;
            shared += found.contains(word) ? weight : 0;
        }
        return all == 0 ? 0 : shared / all;
    }

    private static List<Candidate> distinct(List<Scored> ranked) {
        List<Candidate> chosen = new ArrayList<>();
        if (ranked.isEmpty() || ranked.getFirst().score() < LEAST) {
            return chosen;
        }
        double threshold = Math.max(LEAST, ranked.getFirst().score() * OF_BEST);
        Set<String> texts = new HashSet<>();
        for (Scored scored : ranked) {
            Candidate candidate = scored.candidate();
            boolean repeats = chosen.stream().anyMatch(other -> cosine(other.vector(), candidate.vector()) > ALIKE);
            if (chosen.size() < MOST && scored.score() >= threshold && !repeats && texts.add(candidate.text())) {
                chosen.add(candidate);
            }
        }
        int best = chosen.getFirst().passage();
        chosen.sort(Comparator.comparing((Candidate c) -> c.passage() != best).thenComparingInt(Candidate::order));
        return chosen;
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
