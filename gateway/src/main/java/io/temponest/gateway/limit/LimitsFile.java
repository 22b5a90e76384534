package io.temponest.gateway.limit;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;

/**
 * The limits that hold: the built-in ones, overridden in part or as a whole by a file, which may be read again.
 */
public final class LimitsFile {

    private static final String BUILT_IN = "/limits.json";

    private final Optional<Path> file;
    private volatile LimitRules rules;

    private LimitsFile(Optional<Path> file, LimitRules rules) {
        this.file = file;
        this.rules = rules;
    }

    public static LimitsFile builtIn() {
        return new LimitsFile(Optional.empty(), LimitsParser.parse(builtInTree()));
    }

    /** Reads a file. Blocks; {@link IllegalArgumentException} when it cannot be read or used. */
    public static LimitsFile read(Path file) {
        return new LimitsFile(Optional.of(file), parse(file));
    }

    private static LimitRules parse(Path file) {
        JsonNode over;
        try {
            over = Json.STRICT.readTree(Files.readAllBytes(file));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException("'%s' is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '%s'".formatted(file), e);
        }
        return LimitsParser.parse(LimitsParser.merge(builtInTree(), over));
    }

    private static JsonNode builtInTree() {
        try (InputStream in = Objects.requireNonNull(LimitsFile.class.getResourceAsStream(BUILT_IN))) {
            return Json.STRICT.readTree(in);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    LimitRules rules() {
        return rules;
    }

    /** Where they are; absent where none can change them. */
    public Optional<Path> file() {
        return file;
    }

    /**
     * Reads the file again. Blocks; fails as {@link #read} does, and what held before goes on.
     *
     * @return whether anything is different
     */
    public boolean reload() {
        LimitRules read = parse(file.orElseThrow());
        boolean different = !read.equals(rules);
        rules = read;
        return different;
    }
}
