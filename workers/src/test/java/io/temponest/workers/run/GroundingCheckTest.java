package io.temponest.workers.run;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.agent.AgentSpec.CitationRule;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.knowledge.Location;
import io.temponest.knowledge.Passage;
import io.temponest.run.Citation;
import io.temponest.run.RunStatus;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

class GroundingCheckTest {

    private static final Optional<CitationRule> TWO = Optional.of(new CitationRule(2, 0.7));

    private final Ids ids = new Ids();
    private final List<Passage> passages = List.of(passage("one", 0.9), passage("two", 0.8), passage("three", 0.5));

    @Test
    void anAnswerThatMarksTwoGoodPassagesSucceedsWithBothCitations() {
        Ending ending = GroundingCheck.judge("First [1]. Second [2].", passages, TWO);

        assertThat(ending.status()).isEqualTo(RunStatus.SUCCEEDED);
        assertThat(ending.citations()).extracting(Citation::marker).containsExactly(1, 2);
        assertThat(ending.citations()).extracting(Citation::quote).containsExactly("one", "two");
    }

    @Test
    void anAnswerThatMarksOneOfTwoGoodPassagesFailsAndKeepsItsText() {
        Ending ending = GroundingCheck.judge("Only this [1], twice [1].", passages, TWO);

        assertThat(ending.status()).isEqualTo(RunStatus.FAILED);
        assertThat(ending.error().orElseThrow().code()).isEqualTo("insufficient_grounding");
        assertThat(ending.output()).contains("Only this [1], twice [1].");
    }

    @Test
    void aMarkOfAPassageThatWasNotRetrievedIsNoCitation() {
        Ending ending = GroundingCheck.judge("Invented [7], [0] and [12].", passages, Optional.empty());

        assertThat(ending.citations()).isEmpty();
    }

    @Test
    void aPassageBelowTheScoreIsCitedButDoesNotCount() {
        Ending ending = GroundingCheck.judge("Weak [3], good [1].", passages, TWO);

        assertThat(ending.status()).isEqualTo(RunStatus.FAILED);
        assertThat(ending.citations()).extracting(Citation::marker).containsExactly(1, 3);
    }

    @Test
    void whereOnePassageIsAllThereIsOneCitationIsEnough() {
        Ending ending = GroundingCheck.judge("All of it [1].", passages.subList(0, 1), TWO);

        assertThat(ending.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void whereNothingWasFoundNothingHasToBeCited() {
        Ending ending = GroundingCheck.judge("I found nothing.", List.of(), TWO);

        assertThat(ending.status()).isEqualTo(RunStatus.SUCCEEDED);
    }

    @Test
    void severalNumbersInOneMarkAreSeveralCitations() {
        Ending ending = GroundingCheck.judge("Both agree [1, 2].", passages, TWO);

        assertThat(ending.citations()).extracting(Citation::marker).containsExactly(1, 2);
    }

    private Passage passage(String text, double score) {
        return new Passage(
                ids.next(Kind.CHUNK),
                ids.next(Kind.DOCUMENT),
                "notes.md",
                text,
                score,
                new Location(Optional.empty(), 1, 1, Optional.empty()));
    }
}
