package io.temponest.conformance;

import java.util.List;
import java.util.Set;

/** An SDK, in one of the ways in which it is used. */
interface Sdk {

    /** What is embedded. */
    List<String> TEXTS = List.of("a lamp", "a keeper");

    /** Of letters, digits and hyphens. */
    String name();

    /** For people: what it is and which of its APIs. */
    String title();

    /** That was run, as the package itself says. */
    String version();

    Set<Verb> verbs();

    Manner manner();

    Seen perform(Ask ask);
}
