package io.temponest.config;

import io.vertx.core.Vertx;
import io.vertx.core.file.FileProps;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What a file of the operator's says, read again when the file changes. One that is wrong then is logged, and what held
 * before goes on.
 *
 * @param <T> its contents
 */
public final class WatchedFile<T> {

    private static final Logger LOG = LoggerFactory.getLogger(WatchedFile.class);
    private static final Duration LOOK_EVERY = Duration.ofSeconds(1);

    private final Optional<Path> file;
    private final Function<byte[], T> parser;
    private volatile T contents;
    private volatile Seen seen;

    /** What tells one state of the file from another. */
    private record Seen(long modified, long bytes) {

        static Seen of(FileProps props) {
            return new Seen(props.lastModifiedTime(), props.size());
        }
    }

    private WatchedFile(Optional<Path> file, Function<byte[], T> parser, T contents, Seen seen) {
        this.file = file;
        this.parser = parser;
        this.contents = contents;
        this.seen = seen;
    }

    /** Contents that no file changes. */
    public static <T> WatchedFile<T> fixed(T contents) {
        return new WatchedFile<>(Optional.empty(), bytes -> contents, contents, new Seen(0, 0));
    }

    /**
     * Reads a file. Blocks; {@link IllegalArgumentException} when it cannot be read or used.
     *
     * @param parser throws {@link IllegalArgumentException} that says what is wrong
     */
    public static <T> WatchedFile<T> read(Path file, Function<byte[], T> parser) {
        try {
            // Before its contents: a change in between is then seen as one.
            Seen seen = new Seen(Files.getLastModifiedTime(file).toMillis(), Files.size(file));
            return new WatchedFile<>(Optional.of(file), parser, parse(file, parser), seen);
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '%s'".formatted(file), e);
        }
    }

    private static <T> T parse(Path file, Function<byte[], T> parser) throws IOException {
        try {
            return parser.apply(Files.readAllBytes(file));
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("'%s': %s".formatted(file, e.getMessage()), e);
        }
    }

    public T contents() {
        return contents;
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
        vertx.executeBlocking(() -> parse(path, parser), true)
                .onSuccess(read -> {
                    contents = read;
                    LOG.atInfo().addKeyValue("file", path).log("file.reloaded");
                })
                .onFailure(wrong -> LOG.atWarn()
                        .addKeyValue("file", path)
                        .addKeyValue("cause", wrong.getMessage())
                        .log("file.rejected"));
    }
}
