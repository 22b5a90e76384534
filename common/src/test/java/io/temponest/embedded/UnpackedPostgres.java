package io.temponest.embedded;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * PostgreSQL's programs, unpacked once for all tests of a build, which costs more than all else of a server's first start. A test
 * of the unpacking itself has no use for it.
 */
public final class UnpackedPostgres {

    private static final Path PROGRAMS = unpack();

    private UnpackedPostgres() {}

    private static Path unpack() {
        try {
            // The folder that a build makes and cleans, whichever module's tests run.
            Path built = Path.of(UnpackedPostgres.class
                            .getProtectionDomain()
                            .getCodeSource()
                            .getLocation()
                            .toURI())
                    .resolveSibling("postgres");
            Files.createDirectories(built);
            try (FileChannel file =
                    FileChannel.open(built.resolve("lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Until the channel is closed.
                file.lock();
                return Binaries.unpack(built);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (URISyntaxException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Makes the folder of a server, in which the programs are as if they had been unpacked there. */
    public static Path in(Path folder) {
        try {
            Files.createDirectories(folder);
            Files.createSymbolicLink(folder.resolve(PROGRAMS.getFileName()), PROGRAMS);
            return folder;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
