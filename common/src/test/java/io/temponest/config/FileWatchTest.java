package io.temponest.config;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.read.ListAppender;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/** A file that is watched, with a reader that does not always take it. */
class FileWatchTest {

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();
    private final AtomicBoolean wrong = new AtomicBoolean();
    private final AtomicInteger reads = new AtomicInteger();
    private final ListAppender<ILoggingEvent> log = new ListAppender<>();
    private final Logger logger = (Logger) LoggerFactory.getLogger(FileWatch.class);
    private Path file;
    private FileWatch watch;

    @BeforeEach
    void start() throws IOException {
        log.start();
        logger.addAppender(log);
        file = Files.writeString(folder.resolve("watched"), "first");
        watch = new FileWatch(vertx, "test", List.of(file), () -> {
            reads.incrementAndGet();
            return wrong.get() ? Future.failedFuture("not yet") : Future.succeededFuture(true);
        });
        watch.start();
    }

    @AfterEach
    void stop() {
        logger.detachAppender(log);
        vertx.close().await();
    }

    private List<String> logged() {
        return List.copyOf(log.list).stream().map(ILoggingEvent::getMessage).toList();
    }

    @Test
    void whatWasRejectedIsTriedAgainAndSaidOnce() {
        wrong.set(true);
        await().until(() -> reads.get() >= 3);
        assertThat(logged()).containsExactly("file.rejected");

        wrong.set(false);

        await().until(() -> logged().equals(List.of("file.rejected", "file.reloaded")));
    }

    @Test
    void whatIsInUseIsReadAgainWhenItChangesAndNotBefore() throws IOException {
        await().until(() -> logged().equals(List.of("file.reloaded")));
        await().during(Duration.ofMillis(1_500)).until(() -> reads.get() == 1);

        Files.writeString(file, "other");

        await().until(() -> logged().equals(List.of("file.reloaded", "file.reloaded")));
    }

    @Test
    void aWatchThatIsStoppedLooksNoMore() throws IOException {
        await().until(() -> reads.get() == 1);

        watch.stop();
        Files.writeString(file, "other");

        await().during(Duration.ofMillis(1_500)).until(() -> reads.get() == 1);
    }
}
