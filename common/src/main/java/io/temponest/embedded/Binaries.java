package io.temponest.embedded;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.Channels;
import java.nio.channels.FileChannel;
import java.nio.file.DirectoryStream;
import java.nio.file.FileAlreadyExistsException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.EnumSet;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import org.apache.commons.compress.archivers.tar.TarArchiveEntry;
import org.apache.commons.compress.archivers.tar.TarArchiveInputStream;
import org.tukaani.xz.XZInputStream;

/** PostgreSQL's programs, unpacked once from the package that carries them for this machine. */
final class Binaries {

    /** The major version of the packaged server; its data folders cannot be read by another. */
    static final int MAJOR = 18;

    private static final String VERSION = "18.6";
    private static final String UNPACKING = "unpacking-";

    private Binaries() {}

    /** The folder that holds {@code bin/}; unpacks it when it is not there yet. */
    static Path unpack(Path home) throws IOException {
        Path target = home.resolve("server-" + VERSION);
        if (Files.isDirectory(target)) {
            return target;
        }
        Files.createDirectories(home);
        deleteInterrupted(home);
        Path temporary = Files.createTempDirectory(home, UNPACKING);
        try (InputStream archive = open()) {
            extract(archive, temporary);
        }
        // Readable by the user that the server runs as, where that is not us.
        Files.setPosixFilePermissions(temporary, PosixFilePermissions.fromString("rwxr-xr-x"));
        try {
            Files.move(temporary, target, StandardCopyOption.ATOMIC_MOVE);
        } catch (FileAlreadyExistsException e) {
            Folders.delete(temporary);
        }
        return target;
    }

    /** What an earlier process left when it was killed; the caller holds the folder's lock. */
    private static void deleteInterrupted(Path home) throws IOException {
        try (DirectoryStream<Path> left = Files.newDirectoryStream(home, UNPACKING + "*")) {
            for (Path folder : left) {
                Folders.delete(folder);
            }
        }
    }

    private static InputStream open() {
        String resource = "/postgres-%s-%s.txz".formatted(system(), architecture());
        return Optional.ofNullable(Binaries.class.getResourceAsStream(resource))
                .orElseThrow(() -> new EmbeddedPostgresException(
                        "there is no embedded PostgreSQL for %s on %s; set TEMPONEST_DATABASE_URL to a server of your own"
                                .formatted(System.getProperty("os.name"), System.getProperty("os.arch"))));
    }

    private static String system() {
        String name = System.getProperty("os.name").toLowerCase(Locale.ROOT);
        return name.startsWith("mac") ? "darwin" : name.startsWith("windows") ? "windows" : "linux";
    }

    private static String architecture() {
        return switch (System.getProperty("os.arch")) {
            case "aarch64", "arm64" -> "arm_64";
            default -> "x86_64";
        };
    }

    private static void extract(InputStream archive, Path folder) throws IOException {
        TarArchiveInputStream tar = new TarArchiveInputStream(new XZInputStream(new BufferedInputStream(archive)));
        for (TarArchiveEntry entry = tar.getNextEntry(); entry != null; entry = tar.getNextEntry()) {
            Path path = folder.resolve(entry.getName()).normalize();
            if (!path.startsWith(folder)) {
                throw new IOException("the archive points outside of its folder: " + entry.getName());
            }
            if (entry.isDirectory()) {
                Files.createDirectories(path);
                continue;
            }
            Files.createDirectories(path.getParent());
            if (entry.isSymbolicLink()) {
                Files.createSymbolicLink(path, Path.of(entry.getLinkName()));
            } else if (entry.isLink()) {
                Files.createLink(path, folder.resolve(entry.getLinkName()));
            } else {
                store(tar, path);
                Files.setPosixFilePermissions(path, permissions(entry.getMode()));
            }
        }
    }

    /** On the disk before its folder gets its name: the name says that all of it is there. */
    private static void store(InputStream content, Path file) throws IOException {
        try (FileChannel channel = FileChannel.open(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE)) {
            content.transferTo(Channels.newOutputStream(channel));
            channel.force(false);
        }
    }

    private static Set<PosixFilePermission> permissions(int mode) {
        Set<PosixFilePermission> permissions = EnumSet.of(
                PosixFilePermission.OWNER_READ,
                PosixFilePermission.OWNER_WRITE,
                PosixFilePermission.GROUP_READ,
                PosixFilePermission.OTHERS_READ);
        if ((mode & 0100) != 0) {
            permissions.add(PosixFilePermission.OWNER_EXECUTE);
            permissions.add(PosixFilePermission.GROUP_EXECUTE);
            permissions.add(PosixFilePermission.OTHERS_EXECUTE);
        }
        return permissions;
    }
}
