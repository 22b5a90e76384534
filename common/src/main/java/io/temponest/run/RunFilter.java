package io.temponest.run;

import java.util.Optional;

/** Which runs a list shows; what is absent does not restrict it. */
public record RunFilter(Optional<RunStatus> status, Optional<String> agentSlug, Optional<String> projectSlug) {

    public static final RunFilter ALL = new RunFilter(Optional.empty(), Optional.empty(), Optional.empty());
}
