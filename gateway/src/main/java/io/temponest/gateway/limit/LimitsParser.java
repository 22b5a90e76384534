package io.temponest.gateway.limit;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** Reads limits from JSON, and finds every mistake in it. */
final class LimitsParser {

    private static final int MOST_STREAMS = 100_000;

    private static final Set<Subject> OPEN = Set.of(Subject.ADDRESS, Subject.ACCOUNT);
    private static final Set<Subject> PLAN = Set.of(Subject.ADDRESS, Subject.TENANT, Subject.USER, Subject.API_KEY);

    private final List<String> problems = new ArrayList<>();

    private LimitsParser() {}

    /** @throws IllegalArgumentException naming every mistake with its place */
    static LimitRules parse(JsonNode tree) {
        LimitsParser parser = new LimitsParser();
        LimitRules rules = parser.rules(tree);
        if (!parser.problems.isEmpty()) {
            throw new IllegalArgumentException(String.join("; ", parser.problems));
        }
        return rules;
    }

    /** What the second says, and for the rest what the first does; a null takes something away. */
    static JsonNode merge(JsonNode base, JsonNode over) {
        if (!(base instanceof ObjectNode from) || !(over instanceof ObjectNode changes)) {
            return over;
        }
        ObjectNode merged = from.deepCopy();
        changes.properties().forEach(change -> {
            if (change.getValue().isNull()) {
                merged.remove(change.getKey());
            } else {
                merged.set(change.getKey(), merge(from.path(change.getKey()), change.getValue()));
            }
        });
        return merged;
    }

    private LimitRules rules(JsonNode tree) {
        known("", tree, Set.of("open", "plans"));
        Map<String, PlanRules> plans = new HashMap<>();
        fields("plans", tree.path("plans")).forEach((name, plan) -> plans.put(name, plan("plans." + name, plan)));
        if (!plans.containsKey(LimitRules.LEAST_PLAN)) {
            problems.add("plans: must hold '%s'".formatted(LimitRules.LEAST_PLAN));
        }
        return new LimitRules(classes("open", tree.path("open"), OPEN), plans);
    }

    private PlanRules plan(String place, JsonNode tree) {
        known(place, tree, Set.of("streams", "requests", "tokens"));
        JsonNode streams = tree.path("streams");
        if (!streams.isInt() || streams.intValue() < 1 || streams.intValue() > MOST_STREAMS) {
            problems.add("%s.streams: must be a whole number from 1 to %d".formatted(place, MOST_STREAMS));
        }
        Map<RouteClass, Map<Subject, Quota>> requests = classes(place + ".requests", tree.path("requests"), PLAN);
        Arrays.stream(RouteClass.values())
                .filter(RouteClass::neededInPlans)
                .filter(kind -> requests.getOrDefault(kind, Map.of()).isEmpty())
                .forEach(kind -> problems.add("%s.requests.%s: must hold a limit".formatted(place, kind)));
        return new PlanRules(streams.asInt(1), requests, quotas(place + ".tokens", tree.path("tokens"), PLAN));
    }

    private Map<RouteClass, Map<Subject, Quota>> classes(String place, JsonNode tree, Set<Subject> subjects) {
        Map<RouteClass, Map<Subject, Quota>> classes = new EnumMap<>(RouteClass.class);
        fields(place, tree)
                .forEach((name, quotas) -> constant(place, name, RouteClass.values())
                        .ifPresent(kind -> classes.put(kind, quotas(place + "." + name, quotas, subjects))));
        return classes;
    }

    private Map<Subject, Quota> quotas(String place, JsonNode tree, Set<Subject> allowed) {
        Map<Subject, Quota> quotas = new EnumMap<>(Subject.class);
        Subject[] subjects = allowed.stream().sorted().toArray(Subject[]::new);
        fields(place, tree)
                .forEach((name, quota) -> constant(place, name, subjects).ifPresent(subject -> {
                    try {
                        quotas.put(subject, Quota.parse(quota.asText()));
                    } catch (IllegalArgumentException e) {
                        problems.add("%s.%s: %s".formatted(place, name, e.getMessage()));
                    }
                }));
        return quotas;
    }

    private <E extends Enum<E>> Optional<E> constant(String place, String name, E[] choices) {
        Optional<E> found =
                Arrays.stream(choices).filter(c -> c.toString().equals(name)).findFirst();
        if (found.isEmpty()) {
            String all = Arrays.stream(choices).map(Enum::toString).collect(Collectors.joining(", "));
            problems.add("%s.%s: must be one of %s".formatted(place, name, all));
        }
        return found;
    }

    private void known(String place, JsonNode tree, Set<String> names) {
        fields(place, tree).keySet().stream()
                .filter(name -> !names.contains(name))
                .forEach(name ->
                        problems.add("%s is not known here".formatted(place.isEmpty() ? name : place + "." + name)));
    }

    private Map<String, JsonNode> fields(String place, JsonNode tree) {
        if (!tree.isObject() && !tree.isMissingNode()) {
            problems.add("%s: must be an object".formatted(place.isEmpty() ? "the file" : place));
        }
        return tree.properties().stream().collect(Collectors.toMap(Map.Entry::getKey, Map.Entry::getValue));
    }
}
