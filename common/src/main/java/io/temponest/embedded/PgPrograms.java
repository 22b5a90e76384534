package io.temponest.embedded;

import java.io.IOException;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.concurrent.TimeUnit;

/** Runs {@code initdb} and {@code pg_ctl} on one data folder. */
final class PgPrograms {

    private static final Map<String, String> SETTINGS = Map.ofEntries(
            Map.entry("listen_addresses", "127.0.0.1"),
            Map.entry("unix_socket_directories", ""),
            Map.entry("fsync", "on"),
            Map.entry("synchronous_commit", "on"),
            Map.entry("full_page_writes", "on"),
            Map.entry("max_connections", "200"),
            Map.entry("shared_buffers", "256MB"),
            Map.entry("max_wal_size", "2GB"),
            Map.entry("log_min_messages", "warning"),
            Map.entry("log_line_prefix", "%m [%p] "),
            Map.entry("timezone", "UTC"),
            Map.entry("log_timezone", "UTC"));

    private final Path binaries;
    private final Path folder;
    private final Unprivileged user;

    PgPrograms(Path binaries, Path folder, Unprivileged user) {
        this.binaries = binaries;
        this.folder = folder;
        this.user = user;
    }

    Path data() {
        return folder.resolve("data");
    }

    Path log() {
        return folder.resolve("postgres.log");
    }

    /** Makes the data folder: first beside its place, so that an interrupted run leaves nothing that looks whole. */
    void initialise(String superuserPassword) throws IOException {
        Path password = Files.createTempFile(
                folder,
                "password",
                ".tmp",
                PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
        Path fresh = folder.resolve("data.initialising");
        if (Files.exists(fresh)) {
            Folders.delete(fresh);
        }
        Files.createDirectory(
                fresh, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        try {
            Files.writeString(password, superuserPassword);
            user.own(password);
            user.own(fresh);
            run(
                    Duration.ofMinutes(2),
                    List.of(
                            program("initdb"),
                            "--pgdata=" + fresh,
                            "--username=postgres",
                            "--auth=scram-sha-256",
                            "--pwfile=" + password,
                            "--encoding=UTF8",
                            "--locale-provider=builtin",
                            "--builtin-locale=C.UTF-8",
                            "--no-instructions"));
            Files.move(fresh, data(), StandardCopyOption.ATOMIC_MOVE);
        } catch (EmbeddedPostgresException e) {
            Folders.delete(fresh);
            throw e;
        } finally {
            Files.deleteIfExists(password);
        }
    }

    void start(int port, Map<String, String> settings, Duration limit) throws IOException {
        Map<String, String> all = new TreeMap<>(SETTINGS);
        all.putAll(settings);
        StringBuilder options = new StringBuilder("-p " + port);
        all.forEach((name, value) ->
                options.append(" -c ").append(name).append("='").append(value).append("'"));
        if (!Files.exists(log())) {
            Files.createFile(log(), PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------")));
            user.own(log());
        }
        run(
                limit,
                List.of(
                        program("pg_ctl"),
                        "start",
                        "--pgdata=" + data(),
                        "--log=" + log(),
                        "--wait",
                        "--timeout=" + limit.toSeconds(),
                        "--options=" + options));
    }

    void stop(Duration limit) {
        try {
            run(
                    limit.plusSeconds(5),
                    List.of(
                            program("pg_ctl"),
                            "stop",
                            "--pgdata=" + data(),
                            "--mode=fast",
                            "--wait",
                            "--timeout=" + limit.toSeconds()));
        } catch (IOException e) {
            throw new EmbeddedPostgresException("cannot stop PostgreSQL: " + e.getMessage(), e);
        }
    }

    /** The port of the server that runs on this folder, if one does. */
    Optional<Integer> runningPort() throws IOException {
        Path file = data().resolve("postmaster.pid");
        if (!Files.exists(file)) {
            return Optional.empty();
        }
        List<String> lines = Files.readAllLines(file);
        if (lines.size() < 4) {
            return Optional.empty();
        }
        long pid = Long.parseLong(lines.getFirst().strip());
        return ProcessHandle.of(pid).isPresent() && worksIn(pid)
                ? Optional.of(Integer.parseInt(lines.get(3).strip()))
                : Optional.empty();
    }

    /** Whether a process is the server of this folder, and not one that was given the same number later. */
    private boolean worksIn(long pid) throws IOException {
        Path working = Path.of("/proc", Long.toString(pid), "cwd");
        try {
            // The server's working directory is its data folder.
            return Files.isSameFile(working, data());
        } catch (NoSuchFileException | AccessDeniedException e) {
            // No such look-up on this system, or not for us.
            return !Files.isDirectory(Path.of("/proc/self"));
        }
    }

    private String program(String name) {
        return binaries.resolve("bin").resolve(name).toString();
    }

    private void run(Duration limit, List<String> program) throws IOException {
        Path output = Files.createTempFile("temponest-postgres", ".out");
        try {
            List<String> command = new ArrayList<>(user.command(program));
            Process process = new ProcessBuilder(command)
                    .directory(Path.of("/").toFile())
                    .redirectErrorStream(true)
                    .redirectOutput(output.toFile())
                    .start();
            boolean ended = process.waitFor(limit.toSeconds(), TimeUnit.SECONDS);
            if (!ended || process.exitValue() != 0) {
                process.destroyForcibly();
                throw new EmbeddedPostgresException("%s %s: %s (server log: %s)"
                        .formatted(
                                Path.of(program.getFirst()).getFileName(),
                                ended ? "failed" : "did not end within " + limit.toSeconds() + " s",
                                Files.readString(output).strip(),
                                log()));
            }
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new EmbeddedPostgresException("interrupted while PostgreSQL was started or stopped", e);
        } finally {
            Files.deleteIfExists(output);
        }
    }
}
