package io.temponest.workers.run;

import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.Passage;
import io.temponest.run.Citation;
import io.temponest.run.RunStatus;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SortedSet;
import java.util.TreeSet;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which retrieved passages an answer really marks, and whether they are enough. Marks of anything else do not count. */
final class GroundingCheck {

    /** {@code [3]} or {@code [1, 3]}. */
    private static final Pattern MARKS = Pattern.compile("\\[(\\d{1,3}(?:\\s*,\\s*\\d{1,3})*)]");

    private GroundingCheck() {}

    /** @param rule absent where nobody named sources, so that nothing has to be shown */
    static Ending judge(String answer, List<Passage> passages, Optional<CitationRule> rule) {
        List<Citation> citations = citations(answer, passages);
        if (rule.isEmpty()) {
            return Ending.succeeded(answer, citations);
        }
        double minScore = rule.get().minScore();
        long available = passages.stream().filter(p -> p.score() >= minScore).count();
        long required = Math.min(rule.get().min(), available);
        long shown = citations.stream().filter(c -> c.score() >= minScore).count();
        if (shown >= required) {
            return Ending.succeeded(answer, citations);
        }
        ApiError error = ApiError.of(
                ErrorType.UNPROCESSABLE_ERROR,
                "insufficient_grounding",
                "The answer cites %d of the %d passages with a score of at least %s that it has to cite."
                        .formatted(shown, required, minScore));
        return new Ending(RunStatus.FAILED, Optional.of(answer), citations, Optional.of(error));
    }

    static List<Citation> citations(String answer, List<Passage> passages) {
        List<Citation> citations = new ArrayList<>();
        for (int marker : markers(answer)) {
            if (marker >= 1 && marker <= passages.size()) {
                Passage p = passages.get(marker - 1);
                citations.add(new Citation(
                        p.chunkId(), p.documentId(), p.filename(), p.text(), p.score(), p.location(), marker));
            }
        }
        return citations;
    }

    private static SortedSet<Integer> markers(String answer) {
        SortedSet<Integer> markers = new TreeSet<>();
        Matcher matcher = MARKS.matcher(answer);
        while (matcher.find()) {
            for (String number : matcher.group(1).split(",", -1)) {
                markers.add(Integer.parseInt(number.strip()));
            }
        }
        return markers;
    }
}
