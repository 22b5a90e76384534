package io.temponest.workers.run;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.Passage;
import io.temponest.workers.run.StepResult.Answered;
import io.temponest.workers.run.StepResult.Broken;
import io.temponest.workers.run.StepResult.Retrieved;
import java.util.List;
import java.util.SortedMap;

/**
 * What an agent does next, decided from the run and its journal alone: the same journal always gives the same next
 * action, on any node and by any later version that can read it.
 */
final class AgentLoop {

    private static final int RETRIEVAL = 1;
    private static final int ANSWER = 2;

    private AgentLoop() {}

    /** The next thing to do. */
    sealed interface Action {

        /** Find passages for the task. */
        record Retrieve(int seq) implements Action {}

        /** Ask the model, showing it these passages. */
        record AskModel(int seq, List<Passage> passages) implements Action {}

        /** There is nothing left to do. */
        record End(Ending ending) implements Action {}
    }

    static Action next(ClaimedRun run, SortedMap<Integer, StepResult> journal) {
        if (!journal.containsKey(RETRIEVAL)) {
            return new Action.Retrieve(RETRIEVAL);
        }
        if (!(journal.get(RETRIEVAL) instanceof Retrieved found)) {
            return broken(journal.get(RETRIEVAL));
        }
        if (!journal.containsKey(ANSWER)) {
            return new Action.AskModel(ANSWER, found.passages());
        }
        if (!(journal.get(ANSWER) instanceof Answered answer)) {
            return broken(journal.get(ANSWER));
        }
        return new Action.End(GroundingCheck.judge(answer.text(), found.passages(), run.grounding()));
    }

    private static Action broken(StepResult step) {
        ApiError error = step instanceof Broken failed
                ? failed.error()
                : ApiError.of(ErrorType.API_ERROR, "journal_unreadable", "The journal holds an unexpected step.");
        return new Action.End(Ending.failed(error));
    }
}
