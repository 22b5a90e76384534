package io.temponest.config;

import io.temponest.identity.Sha256;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Looks every second, off the event loop, whether files have other contents than those in use, and has them read again then.
 * What is rejected is tried again in each round, since the reason may lie elsewhere, and logged once.
 */
public final class FileWatch {

    private static final Logger LOG = LoggerFactory.getLogger(FileWatch.class);
    private static final long ROUND_MS = 1_000;

    private final Vertx vertx;
    private final String what;
    private final List<Path> files;
    private final Supplier<Future<Boolean>> reload;
    private volatile @Nullable ByteBuffer inUse;
    private volatile @Nullable ByteBuffer rejected;
    private volatile boolean looking;
    private long timer = -1;

    /**
     * @param what for the log, such as {@code jwt-keys}
     * @param reload reads them; true when something became of it. Where it fails, what was in use stays
     */
    public FileWatch(Vertx vertx, String what, List<Path> files, Supplier<Future<Boolean>> reload) {
        this.vertx = vertx;
        this.what = what;
        this.files = List.copyOf(files);
        this.reload = reload;
    }

    /** The first look reloads in any case: the files may have changed since they were read at the start. */
    public void start() {
        timer = vertx.setPeriodic(ROUND_MS, round -> look());
    }

    public void stop() {
        vertx.cancelTimer(timer);
    }

    private void look() {
        if (looking) {
            return;
        }
        looking = true;
        vertx.executeBlocking(() -> digest(files), false)
                .compose(now -> now.equals(inUse)
                        ? Future.succeededFuture(false)
                        : reload.get()
                                .onSuccess(changed -> accepted(now, changed))
                                .onFailure(wrong -> rejected(now, wrong)))
                .onComplete(done -> looking = false);
    }

    private void accepted(ByteBuffer digest, boolean changed) {
        inUse = digest;
        rejected = null;
        if (changed) {
            LOG.atInfo().addKeyValue("what", what).log("file.reloaded");
        }
    }

    private void rejected(ByteBuffer digest, Throwable wrong) {
        if (!digest.equals(rejected)) {
            LOG.atWarn()
                    .addKeyValue("what", what)
                    .addKeyValue("cause", String.valueOf(wrong.getMessage()))
                    .log("file.rejected");
        }
        rejected = digest;
    }

    /** A file that is away for a moment has other contents, too. */
    private static ByteBuffer digest(List<Path> files) {
        ByteArrayOutputStream all = new ByteArrayOutputStream();
        for (Path file : files) {
            try {
                all.writeBytes(Files.readAllBytes(file));
            } catch (IOException away) {
                all.writeBytes(file.toString().getBytes(java.nio.charset.StandardCharsets.UTF_8));
            }
            all.write(0);
        }
        return ByteBuffer.wrap(Sha256.of(all.toByteArray()));
    }
}
