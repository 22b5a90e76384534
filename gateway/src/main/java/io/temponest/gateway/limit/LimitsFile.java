package io.temponest.gateway.limit;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import io.vertx.core.Vertx;
import io.vertx.core.file.FileProps;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Objects;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The limits that hold: the built-in ones, overridden in part or as a whole by a file. A file that changes is read again; one
 * that is wrong then is logged, and what held before goes on.
 */
public final class LimitsFile {

    private static final Logger LOG = LoggerFactory.getLogger(LimitsFile.class);

    private static final String BUILT_IN = "/limits.json";
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Optional<Path> file;
    private volatile LimitRules rules;
    private volatile Seen seen;

    /** What tells one state of the file from another. */
    private record Seen(long modified, long bytes) {

        static Seen of(FileProps props) {
            return new Seen(props.lastModifiedTime(), props.size());
        }
    }

    private LimitsFile(Optional<Path> file, LimitRules rules, Seen seen) {
        this.file = file;
        this.rules = rules;
        this.seen = seen;
    }

    public static LimitsFile builtIn() {
        return new LimitsFile(Optional.empty(), LimitsParser.parse(builtInTree()), new Seen(0, 0));
    }

    /** Reads a file. Blocks; {@link IllegalArgumentException} when it cannot be read or used. */
    public static LimitsFile read(Path file) {
        try {
            // Before its contents: a change in between is then seen as one.
            Seen seen = new Seen(Files.getLastModifiedTime(file).toMillis(), Files.size(file));
            return new LimitsFile(Optional.of(file), parse(file), seen);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '%s'".formatted(file), e);
        }
    }

    private static LimitRules parse(Path file) throws IOException {
        JsonNode over;
        try {
            over = Json.STRICT.readTree(Files.readAllBytes(file));
        } catch (com.fasterxml.jackson.core.JsonProcessingException e) {
            throw new IllegalArgumentException("'%s' is not JSON: %s".formatted(file, e.getOriginalMessage()), e);
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

    /** Looks for changes from now on, every second. */
    public void watch(Vertx vertx) {
        file.ifPresent(path -> vertx.setPeriodic(
                LOOK_EVERY.toMillis(),
                round -> vertx.fileSystem().props(path.toString()).map(Seen::of).onSuccess(now -> {
                    if (!now.equals(seen)) {
                        seen = now;
                        reload(vertx, path);
                    }
                })));
    }

    private void reload(Vertx vertx, Path path) {
        vertx.executeBlocking(() -> parse(path), true)
                .onSuccess(read -> {
                    rules = read;
                    LOG.atInfo().addKeyValue("file", path).log("limits.reloaded");
                })
                .onFailure(wrong -> LOG.atWarn()
                        .addKeyValue("file", path)
                        .addKeyValue("cause", wrong.getMessage())
                        .log("limits.file_invalid"));
    }
}
