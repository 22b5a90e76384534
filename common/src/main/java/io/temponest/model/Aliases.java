package io.temponest.model;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.regex.Pattern;

/**
 * Names of one's own for models: each stands for one or several models, which are asked in this order when one cannot answer. The
 * form is a JSON object such as {@code {"fast":{"models":["openai/gpt-4o-mini","anthropic/claude-haiku-4-5"],"hedge":true}}}.
 */
public final class Aliases {

    public static final Aliases NONE = new Aliases(Map.of());

    private static final Pattern FORM = Pattern.compile("[A-Za-z0-9][\\w.:-]{0,99}");
    private static final Set<String> FIELDS = Set.of("models", "hedge");
    private static final int MOST_MODELS = 10;

    private final Map<String, Alias> aliases;

    /**
     * What a name stands for.
     *
     * @param models at least one
     * @param hedge whether the second is asked as well when the first is slow to begin
     */
    public record Alias(List<ModelName> models, boolean hedge) {
        public Alias {
            models = List.copyOf(models);
        }
    }

    private Aliases(Map<String, Alias> aliases) {
        this.aliases = aliases;
    }

    /** @throws IllegalArgumentException that says what is wrong */
    public static Aliases parse(byte[] json) {
        JsonNode tree;
        try {
            tree = Json.STRICT.readTree(json);
        } catch (JsonProcessingException e) {
            throw new IllegalArgumentException("is not JSON: " + e.getOriginalMessage(), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot be read", e);
        }
        if (!tree.isObject()) {
            throw new IllegalArgumentException("must be a JSON object of aliases");
        }
        Map<String, Alias> aliases = new LinkedHashMap<>();
        tree.properties().forEach(entry -> aliases.put(name(entry.getKey()), alias(entry.getKey(), entry.getValue())));
        return new Aliases(aliases);
    }

    private static String name(String text) {
        if (!FORM.matcher(text).matches()) {
            throw new IllegalArgumentException(
                    "an alias may have letters, digits and . : - _ in its name, not '%s'".formatted(text));
        }
        return text;
    }

    private static Alias alias(String name, JsonNode given) {
        given.fieldNames().forEachRemaining(field -> {
            if (!FIELDS.contains(field)) {
                throw new IllegalArgumentException(
                        "'%s.%s' is not known; there are models and hedge".formatted(name, field));
            }
        });
        JsonNode hedge = given.path("hedge");
        if (!hedge.isMissingNode() && !hedge.isBoolean()) {
            throw new IllegalArgumentException("'%s.hedge' must be true or false".formatted(name));
        }
        List<ModelName> models = new ArrayList<>();
        given.path("models")
                .forEach(model -> models.add(ModelName.find(model.asText())
                        .orElseThrow(() -> new IllegalArgumentException(
                                "'%s.models' must hold names such as provider/model, not '%s'"
                                        .formatted(name, model.asText())))));
        if (models.isEmpty() || models.size() > MOST_MODELS) {
            throw new IllegalArgumentException("'%s.models' must hold 1 to %d models".formatted(name, MOST_MODELS));
        }
        return new Alias(models, hedge.asBoolean());
    }

    public Optional<Alias> find(String name) {
        return Optional.ofNullable(aliases.get(name));
    }

    public Set<String> names() {
        return new TreeSet<>(aliases.keySet());
    }
}
