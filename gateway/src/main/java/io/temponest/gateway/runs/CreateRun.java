package io.temponest.gateway.runs;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.identity.Kind;
import io.temponest.model.Message;
import io.temponest.run.RunRequest;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;

/**
 * What a client asks of an agent.
 *
 * @param input a text, or messages of which the last is the user's
 * @param deadlineS seconds from now in which the run must be done
 * @param waitS seconds to wait for its end
 */
record CreateRun(
        Optional<JsonNode> input,
        Optional<List<String>> collections,
        Optional<JsonNode> context,
        Optional<String> model,
        Optional<String> project,
        Optional<String> risk,
        Optional<Integer> deadlineS,
        @JsonProperty("wait") Optional<Double> waitS,
        Optional<Boolean> stream) {

    private static final int LARGEST_EXPONENT = 300;
    private static final int MOST_MESSAGES = 1_000;
    private static final int MOST_COLLECTIONS = 16;
    private static final int STANDARD_DEADLINE_S = 600;
    private static final int LONGEST_DEADLINE_S = 86_400;

    RunRequest request() {
        risk.filter(level -> !Set.of("low", "medium", "high").contains(level)).ifPresent(level -> {
            throw Fields.invalid("risk", "must be one of low, medium, high");
        });
        context.filter(given -> !given.isObject()).ifPresent(given -> {
            throw Fields.invalid("context", "must be an object");
        });
        context.ifPresent(CreateRun::checkNumbers);
        return new RunRequest(
                messages(), context, Fields.ids("collections", collections, Kind.COLLECTION, MOST_COLLECTIONS), risk);
    }

    /** The database writes a number out in full: a few bytes with a large exponent would become many. */
    private static void checkNumbers(JsonNode node) {
        if (node.isNumber() && Math.abs((long) node.decimalValue().scale()) > LARGEST_EXPONENT) {
            throw Fields.invalid("context", "must not hold a number with an exponent above " + LARGEST_EXPONENT);
        }
        node.forEach(CreateRun::checkNumbers);
    }

    private List<Message> messages() {
        JsonNode given = Fields.required("input", input);
        if (given.isTextual()) {
            return List.of(new Message(Message.Role.USER, content("input", given)));
        }
        if (!given.isArray()) {
            throw Fields.invalid("input", "must be a string or an array of messages");
        }
        if (given.isEmpty() || given.size() > MOST_MESSAGES) {
            throw Fields.invalid("input", "must have 1 to %d messages".formatted(MOST_MESSAGES));
        }
        List<Message> messages = new ArrayList<>();
        for (int i = 0; i < given.size(); i++) {
            messages.add(message("input[" + i + "]", given.get(i)));
        }
        if (messages.getLast().role() != Message.Role.USER) {
            throw Fields.invalid("input", "must end with a message of the user");
        }
        return messages;
    }

    private static Message message(String field, JsonNode given) {
        if (!given.isObject()) {
            throw Fields.invalid(field, "must be an object with role and content");
        }
        given.fieldNames().forEachRemaining(name -> {
            if (!name.equals("role") && !name.equals("content")) {
                throw Fields.invalid(field + "." + name, "is not a field of a message; it has role and content");
            }
        });
        Message.Role role = switch (given.path("role").asText().toLowerCase(Locale.ROOT)) {
            case "user" -> Message.Role.USER;
            case "assistant" -> Message.Role.ASSISTANT;
            case "system" -> Message.Role.SYSTEM;
            default -> throw Fields.invalid(field + ".role", "must be one of system, user, assistant");
        };
        return new Message(role, content(field + ".content", given.path("content")));
    }

    private static String content(String field, JsonNode given) {
        if (!given.isTextual() || given.textValue().isBlank()) {
            throw Fields.invalid(field, "must be a text that is not blank");
        }
        return given.textValue();
    }

    Duration deadline() {
        return Duration.ofSeconds(Fields.number("deadline_s", deadlineS, 1, LONGEST_DEADLINE_S, STANDARD_DEADLINE_S));
    }

    Duration waiting() {
        double seconds = waitS.orElse(0.0);
        if (!(seconds >= 0 && seconds <= Endpoint.LONGEST_WAIT.toSeconds())) {
            throw Fields.invalid("wait", "must be from 0 to %d seconds".formatted(Endpoint.LONGEST_WAIT.toSeconds()));
        }
        return Duration.ofMillis((long) (seconds * 1_000));
    }
}
