package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.conformance.Seen.Thrown;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.Supplier;
import java.util.stream.Collectors;

/**
 * An SDK for Node.
 *
 * @param name of it in the script
 * @param npm its packages
 */
record NodeSdk(String name, String title, List<String> npm, Set<Verb> verbs, Manner manner, Supplier<NodeProcess> node)
        implements Sdk {

    @Override
    public String version() {
        return npm.stream().map(one -> one + " " + Versions.node(one)).collect(Collectors.joining(", "));
    }

    @Override
    public Seen perform(Ask ask) {
        JsonNode end = node.get().ask(name, ask);
        if (end.has("broken")) {
            throw new IllegalStateException(end.path("broken").asText());
        }
        JsonNode thrown = end.path("thrown");
        return new Seen(
                end.path("text").asText(),
                end.path("requests").asInt(),
                thrown.isMissingNode()
                        ? Optional.empty()
                        : Optional.of(new Thrown(
                                thrown.path("type").asText(),
                                thrown.path("status").asInt(),
                                thrown.path("code").asText(""),
                                thrown.path("message").asText())));
    }
}
