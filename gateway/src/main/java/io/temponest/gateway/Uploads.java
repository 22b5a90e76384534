package io.temponest.gateway;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.stream.Stream;

/** The folder that files of forms pass through. */
final class Uploads {

    /** No request lasts as long: what is older was left by a process that was killed. */
    private static final Duration LEFT_BEHIND = Duration.ofHours(1);

    private Uploads() {}

    /** Makes the folder, for its owner alone, and clears what was left behind in it. Blocks. */
    static Path folder(Path dataDir) {
        try {
            Path folder = Files.createDirectories(dataDir.toAbsolutePath().resolve("uploads"));
            Files.setPosixFilePermissions(folder, PosixFilePermissions.fromString("rwx------"));
            Instant limit = Instant.now().minus(LEFT_BEHIND);
            try (Stream<Path> files = Files.list(folder)) {
                for (Path file : files.toList()) {
                    if (Files.getLastModifiedTime(file).toInstant().isBefore(limit)) {
                        Files.deleteIfExists(file);
                    }
                }
            }
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
