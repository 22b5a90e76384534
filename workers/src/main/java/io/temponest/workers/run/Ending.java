package io.temponest.workers.run;

import io.temponest.error.ApiError;
import io.temponest.run.Citation;
import io.temponest.run.RunStatus;
import java.util.List;
import java.util.Optional;

/**
 * How a run ends.
 *
 * @param status a terminal one
 * @param output what the agent said, also where it was judged insufficient
 */
record Ending(RunStatus status, Optional<String> output, List<Citation> citations, Optional<ApiError> error) {

    Ending {
        citations = List.copyOf(citations);
    }

    static Ending succeeded(String output, List<Citation> citations) {
        return new Ending(RunStatus.SUCCEEDED, Optional.of(output), citations, Optional.empty());
    }

    static Ending failed(ApiError error) {
        return new Ending(RunStatus.FAILED, Optional.empty(), List.of(), Optional.of(error));
    }

    static Ending cancelled() {
        return new Ending(RunStatus.CANCELLED, Optional.empty(), List.of(), Optional.empty());
    }

    static Ending timedOut(ApiError error) {
        return new Ending(RunStatus.TIMED_OUT, Optional.empty(), List.of(), Optional.of(error));
    }
}
