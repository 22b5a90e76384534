package io.temponest.gateway.ops;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.util.Objects;
import org.yaml.snakeyaml.LoaderOptions;
import org.yaml.snakeyaml.Yaml;
import org.yaml.snakeyaml.constructor.SafeConstructor;

/** The API's description of itself, {@code openapi.yaml}. */
public record OpenApi(JsonNode document) {

    private static final String FILE = "/openapi.yaml";

    /** Reads it from the class path. Blocks. */
    public static OpenApi load() {
        try (InputStream in = Objects.requireNonNull(OpenApi.class.getResourceAsStream(FILE), FILE)) {
            // Not Jackson's own reader of YAML: it knows no aliases.
            Object tree = new Yaml(new SafeConstructor(new LoaderOptions())).load(in);
            return new OpenApi(Json.STRICT.valueToTree(tree));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public String json() {
        return document.toString();
    }
}
