package io.temponest.embedded;

import io.temponest.config.Secret;
import io.temponest.store.DatabaseTls;
import io.temponest.store.DatabaseUrl;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.charset.StandardCharsets;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.sql.Connection;
import java.sql.DriverManager;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A PostgreSQL server whose data lie in a folder. It listens on loopback only, with random passwords and durable settings.
 * It outlives the death of our process; the next start adopts it. One process at a time may use a folder. Blocks its
 * thread.
 */
public final class EmbeddedPostgres implements AutoCloseable {

    private static final Logger LOG = LoggerFactory.getLogger(EmbeddedPostgres.class);
    private static final Duration START_LIMIT = Duration.ofSeconds(60);
    private static final Duration STOP_LIMIT = Duration.ofSeconds(20);
    private static final String DATABASE = "temponest";

    private final PgPrograms programs;
    private final Credentials credentials;
    private final FileChannel lockFile;
    private final FileLock lock;
    private final int port;

    private EmbeddedPostgres(
            PgPrograms programs, Credentials credentials, FileChannel lockFile, FileLock lock, int port) {
        this.programs = programs;
        this.credentials = credentials;
        this.lockFile = lockFile;
        this.lock = lock;
        this.port = port;
    }

    /** Starts the server of a folder, making it when it is empty, or adopts the one that runs there. */
    public static EmbeddedPostgres start(Path folder) {
        return start(folder, Map.of());
    }

    /** @param settings of the server, beyond or instead of ours */
    public static EmbeddedPostgres start(Path folder, Map<String, String> settings) {
        try {
            Files.createDirectories(folder);
            FileChannel lockFile = FileChannel.open(
                    folder.resolve("lock"),
                    StandardOpenOption.CREATE,
                    StandardOpenOption.READ,
                    StandardOpenOption.WRITE);
            try {
                return start(folder, settings, lockFile, lock(lockFile, folder));
            } catch (IOException | RuntimeException e) {
                lockFile.close();
                throw e;
            }
        } catch (AccessDeniedException e) {
            throw new EmbeddedPostgresException(
                    "cannot use the data folder %s: no permission for %s".formatted(folder, e.getFile()), e);
        } catch (IOException e) {
            throw new EmbeddedPostgresException(
                    "cannot use the data folder %s: %s".formatted(folder, e.getMessage()), e);
        }
    }

    private static EmbeddedPostgres start(
            Path folder, Map<String, String> settings, FileChannel lockFile, FileLock lock) throws IOException {
        PgPrograms programs = new PgPrograms(Binaries.unpack(folder), folder, Unprivileged.choose());
        boolean initialised = Files.exists(programs.data().resolve("PG_VERSION"));
        Path passwords = folder.resolve("credentials.json");
        if (initialised && !Files.exists(passwords)) {
            throw new EmbeddedPostgresException(
                    "the data folder %s has a database but no credentials.json to enter it; restore that file from a backup"
                            .formatted(folder));
        }
        Credentials credentials = Credentials.readOrMake(passwords);
        int port = run(programs, credentials, folder, settings);
        EmbeddedPostgres server = new EmbeddedPostgres(programs, credentials, lockFile, lock, port);
        server.awaitAnswer();
        server.provision();
        return server;
    }

    private static FileLock lock(FileChannel file, Path folder) throws IOException {
        Optional<FileLock> lock;
        try {
            lock = Optional.ofNullable(file.tryLock());
        } catch (OverlappingFileLockException e) {
            lock = Optional.empty();
        }
        if (lock.isEmpty()) {
            String holder = Files.readString(folder.resolve("lock")).strip();
            throw new EmbeddedPostgresException(
                    "the data folder %s is in use by process %s; stop it or choose another TEMPONEST_DATA_DIR"
                            .formatted(folder, holder.isEmpty() ? "(unknown)" : holder));
        }
        file.truncate(0);
        file.write(ByteBuffer.wrap(Long.toString(ProcessHandle.current().pid()).getBytes(StandardCharsets.US_ASCII)));
        file.force(true);
        return lock.get();
    }

    private static int run(PgPrograms programs, Credentials credentials, Path folder, Map<String, String> settings)
            throws IOException {
        Path data = programs.data();
        if (!Files.exists(data.resolve("PG_VERSION"))) {
            programs.initialise(credentials.superuser());
        }
        int major =
                Integer.parseInt(Files.readString(data.resolve("PG_VERSION")).strip());
        if (major != Binaries.MAJOR) {
            throw new EmbeddedPostgresException(
                    "the data in %s were written by PostgreSQL %d and this TempoNest brings %d; dump them with the TempoNest that wrote them and restore them into a new folder"
                            .formatted(folder, major, Binaries.MAJOR));
        }
        Optional<Integer> running = programs.runningPort();
        if (running.isPresent() && answers(running.get(), credentials)) {
            LOG.atInfo().addKeyValue("port", running.get()).log("postgres.adopted");
            return running.get();
        }
        if (running.isPresent()) {
            programs.stop(STOP_LIMIT);
        }
        int port = freePort();
        programs.start(port, settings, START_LIMIT);
        return port;
    }

    private static int freePort() throws IOException {
        try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
            return socket.getLocalPort();
        }
    }

    private static boolean answers(int port, Credentials credentials) {
        try (Connection connection = connect(port, "postgres", credentials);
                Statement statement = connection.createStatement();
                ResultSet one = statement.executeQuery("select 1")) {
            return one.next();
        } catch (SQLException e) {
            return false;
        }
    }

    private void awaitAnswer() {
        long end = System.nanoTime() + START_LIMIT.toNanos();
        while (!answers(port, credentials)) {
            if (System.nanoTime() > end) {
                throw new EmbeddedPostgresException(
                        "PostgreSQL did not answer within " + START_LIMIT.toSeconds() + " s; see " + programs.log());
            }
            try {
                Thread.sleep(50);
            } catch (InterruptedException e) {
                Thread.currentThread().interrupt();
                throw new EmbeddedPostgresException("interrupted while PostgreSQL started", e);
            }
        }
    }

    private static Connection connect(int port, String database, Credentials credentials) throws SQLException {
        return DriverManager.getConnection(
                "jdbc:postgresql://127.0.0.1:%d/%s?connectTimeout=5&loginTimeout=5".formatted(port, database),
                "postgres",
                credentials.superuser());
    }

    /** Roles and database; each step may have been done by an earlier start. The passwords are hex, so quoting is safe. */
    private void provision() {
        try (Connection connection = connect(port, "postgres", credentials);
                Statement statement = connection.createStatement()) {
            if (exists(statement, "select 1 from pg_database where datname = 'temponest'")) {
                return;
            }
            if (!exists(statement, "select 1 from pg_roles where rolname = 'temponest_owner'")) {
                statement.execute(
                        "create role temponest_owner login createrole password '" + credentials.owner() + "'");
            }
            if (!exists(statement, "select 1 from pg_roles where rolname = 'temponest_app'")) {
                statement.execute("create role temponest_app login password '" + credentials.app() + "'");
            }
            statement.execute("grant temponest_app to temponest_owner with admin true, inherit false");
            statement.execute("create database temponest owner temponest_owner");
        } catch (SQLException e) {
            throw new EmbeddedPostgresException("cannot set up the database: " + e.getMessage(), e);
        }
    }

    private static boolean exists(Statement statement, String query) throws SQLException {
        try (ResultSet rows = statement.executeQuery(query)) {
            return rows.next();
        }
    }

    private DatabaseUrl url(String user, String password) {
        return new DatabaseUrl("127.0.0.1", port, DATABASE, user, new Secret(password), DatabaseTls.NONE);
    }

    /** For the service. */
    public DatabaseUrl appUrl() {
        return url("temponest_app", credentials.app());
    }

    /** For migrations. */
    public DatabaseUrl ownerUrl() {
        return url("temponest_owner", credentials.owner());
    }

    /** For tests and repairs. */
    public DatabaseUrl superuserUrl() {
        return url("postgres", credentials.superuser());
    }

    /** Stops the server in order and releases the folder. */
    @Override
    public void close() {
        try {
            programs.stop(STOP_LIMIT);
        } finally {
            try {
                lock.release();
                lockFile.close();
            } catch (IOException e) {
                LOG.atWarn().setCause(e).log("postgres.lock_not_released");
            }
        }
    }
}
