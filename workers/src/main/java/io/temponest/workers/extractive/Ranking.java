package io.temponest.workers.extractive;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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

    /** How much of its passage's likeness to the question a sentence gets. */
    private static final double CONTEXT = 0.15;

    /** What the built-in agents have to cite: so many passages with such a score, as far as there are. */
    private static final int SOURCES = 2;

    private static final double SOURCE_SCORE = 0.7;

    private Ranking() {}

    /**
     * A sentence that may answer.
     *
     * @param passage number of its passage, from 1
     * @param passageScore of its passage, from 0 to 1
     * @param order its place among all candidates
     */
    @SuppressWarnings("ArrayRecordComponent") // lives for one answer
    record Candidate(String text, int passage, double passageScore, int order, float[] vector) {}

    /** @param score by which it is chosen, without its passage's part */
    private record Scored(Candidate candidate, double score) {

        double rank() {
            return score + CONTEXT * Math.max(0, 2 * candidate.passageScore() - 1);
        }
    }

    /**
     * The sentences of the answer, those of the best passage first, then what other passages that are close to the question
     * say nearest to it; none when nothing answers.
     */
    static List<Candidate> choose(String question, float[] questionVector, List<Candidate> candidates) {
        Set<String> wanted = Words.of(question);
        Map<Candidate, Set<String>> words = new HashMap<>();
        Map<String, Integer> frequency = new HashMap<>();
        String asked = question.strip().toLowerCase(Locale.ROOT);
        for (Candidate candidate : candidates) {
            if (candidate.text().toLowerCase(Locale.ROOT).contains(asked)) {
                // The question itself, repeated somewhere, is as near to it as can be and answers nothing.
                continue;
            }
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
        ranked.sort(Comparator.comparingDouble(Scored::rank)
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
        double best = ranked.stream().mapToDouble(Scored::score).max().orElse(0);
        if (best < LEAST) {
            return chosen;
        }
        double threshold = Math.max(LEAST, best * OF_BEST);
        for (Scored scored : ranked) {
            if (chosen.size() < MOST && scored.score() >= threshold && !repeats(chosen, scored.candidate())) {
                chosen.add(scored.candidate());
            }
        }
        int first = chosen.getFirst().passage();
        chosen.sort(Comparator.comparing((Candidate c) -> c.passage() != first).thenComparingInt(Candidate::order));
        support(chosen, ranked);
        return chosen;
    }

    private static void support(List<Candidate> chosen, List<Scored> ranked) {
        Set<Integer> sources = new HashSet<>();
        chosen.stream()
                .filter(candidate -> candidate.passageScore() >= SOURCE_SCORE)
                .forEach(candidate -> sources.add(candidate.passage()));
        for (Scored scored : ranked) {
            Candidate candidate = scored.candidate();
            if (sources.size() < SOURCES
                    && candidate.passageScore() >= SOURCE_SCORE
                    && !sources.contains(candidate.passage())
                    && !repeats(chosen, candidate)) {
                chosen.add(candidate);
                sources.add(candidate.passage());
            }
        }
    }

    private static boolean repeats(List<Candidate> chosen, Candidate candidate) {
        return chosen.stream()
                .anyMatch(other ->
                        other.text().equals(candidate.text()) || cosine(other.vector(), candidate.vector()) > ALIKE);
    }

    private static double cosine(float[] a, float[] b) {
        double sum = 0;
        for (int i = 0; i < a.length; i++) {
            sum += (double) a[i] * b[i];
        }
        return sum;
    }
}
