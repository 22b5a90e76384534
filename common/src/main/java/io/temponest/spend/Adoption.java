package io.temponest.spend;

import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Takes over the journals of processes that died: what had ended goes to the ledger as it ended, what was open as lost. */
final class Adoption {

    private static final long PAUSE_MILLIS = 2_000;
    private static final Logger LOG = LoggerFactory.getLogger(Adoption.class);

    private final Vertx vertx;
    private final Flusher flusher;
    private final NodeStore nodes;
    private final InstantSource clock;
    private final Set<Journal> adopted = ConcurrentHashMap.newKeySet();
    private final AtomicBoolean stopped = new AtomicBoolean();

    Adoption(Vertx vertx, Flusher flusher, NodeStore nodes, InstantSource clock) {
        this.vertx = vertx;
        this.flusher = flusher;
        this.nodes = nodes;
        this.clock = clock;
    }

    /** The journals in a folder that nobody holds. Blocks. */
    static List<Journal> find(Path folder) throws IOException {
        List<Journal> found = new ArrayList<>();
        try (DirectoryStream<Path> files = Files.newDirectoryStream(folder, "*" + Journal.SUFFIX)) {
            for (Path file : files) {
                Journal.adopt(file).ifPresent(found::add);
            }
        }
        return found;
    }

    void adopt(Journal journal) {
        adopted.add(journal);
        Instant now = clock.instant();
        List<Pending> rows = new ArrayList<>();
        AtomicInteger left = new AtomicInteger();
        for (int slot = 0; slot < journal.slots(); slot++) {
            int at = slot;
            Optional<Slot.Content> content = journal.read(slot);
            content.map(found -> new Pending(journal.node(), row(found, now), true, () -> {
                        journal.clear(at);
                        if (left.decrementAndGet() == 0) {
                            finish(journal);
                        }
                    }))
                    .ifPresent(rows::add);
        }
        LOG.atInfo()
                .addKeyValue("node", journal.node())
                .addKeyValue("calls", rows.size())
                .log("spend.journal_adopted");
        left.set(rows.size());
        rows.forEach(flusher::add);
        if (rows.isEmpty()) {
            finish(journal);
        }
    }

    private static LedgerRow row(Slot.Content content, Instant now) {
        return content.settlement()
                .map(end -> new LedgerRow(content.call(), end))
                .orElseGet(() -> LedgerRow.lost(content.call(), now));
    }

    private void finish(Journal journal) {
        nodes.bury(journal.node(), true)
                .compose(done -> vertx.executeBlocking(() -> {
                    if (adopted.remove(journal)) {
                        journal.delete();
                    }
                    return done;
                }))
                .onFailure(failure -> {
                    LOG.atWarn()
                            .addKeyValue("node", journal.node())
                            .addKeyValue("reason", failure.getMessage())
                            .log("spend.journal_kept");
                    if (!stopped.get()) {
                        vertx.setTimer(PAUSE_MILLIS, due -> finish(journal));
                    }
                });
    }

    /** Nothing is tried again; the journals that are left are for the next process. Blocks. */
    void stop() throws IOException {
        stopped.set(true);
        for (Journal journal : List.copyOf(adopted)) {
            if (adopted.remove(journal)) {
                journal.close();
            }
        }
    }
}
