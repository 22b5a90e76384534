package io.temponest.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A server with our own settings, not the hurried one of the other tests. The first test unpacks its programs as well. */
class EmbeddedPostgresTest {

    @TempDir
    private Path folder;

    @Test
    void rowsOutliveARestartAndTheServerIsDurableAndOnLoopbackOnly() throws SQLException, IOException {
        try (EmbeddedPostgres server = EmbeddedPostgres.start(folder);
                Connection owner = TestDatabase.connection(server.ownerUrl());
                Statement statement = owner.createStatement();
                Connection superuser = TestDatabase.connection(server.superuserUrl());
                Statement settings = superuser.createStatement()) {
            statement.execute("create table kept as select 42 as answer");
            assertThat(List.of("fsync", "synchronous_commit", "full_page_writes"))
                    .allMatch(setting -> show(settings, setting).equals("on"));
            assertThat(show(settings, "listen_addresses")).isEqualTo("127.0.0.1");
            assertThat(show(settings, "unix_socket_directories")).isEmpty();
        }

        try (EmbeddedPostgres server = EmbeddedPostgres.start(folder);
                Connection owner = TestDatabase.connection(server.ownerUrl());
                Statement statement = owner.createStatement();
                ResultSet rows = statement.executeQuery("select answer from kept")) {
            assertThat(rows.next()).isTrue();
            assertThat(rows.getInt(1)).isEqualTo(42);
        }
        assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(folder.resolve("credentials.json"))))
                .isEqualTo("rw-------");
    }

    @Test
    void theServerOfAProcessThatDiedIsAdopted() throws IOException, InterruptedException {
        UnpackedPostgres.in(folder);
        Process process = new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-cp",
                        System.getProperty("java.class.path"),
                        AbandonedServer.class.getName(),
                        folder.toString())
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
        String output = new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
        assertThat(process.waitFor(60, TimeUnit.SECONDS)).isTrue();
        int port = Integer.parseInt(output.lines().toList().getLast());

        try (EmbeddedPostgres adopted = EmbeddedPostgres.start(folder)) {
            assertThat(adopted.appUrl().port()).isEqualTo(port);
        }
        assertThat(folder.resolve("data/postmaster.pid")).doesNotExist();
    }

    @Test
    void aSecondStartOnAFolderInUseNamesTheProcessThatHoldsIt() {
        try (EmbeddedPostgres first = EmbeddedPostgres.start(UnpackedPostgres.in(folder))) {
            assertThat(first.appUrl().host()).isEqualTo("127.0.0.1");
            assertThatThrownBy(() -> EmbeddedPostgres.start(folder))
                    .isInstanceOf(EmbeddedPostgresException.class)
                    .hasMessageContaining(
                            "in use by process " + ProcessHandle.current().pid());
        }
    }

    @Test
    void dataOfAnotherMajorVersionAreNotTouched() throws IOException {
        EmbeddedPostgres.start(UnpackedPostgres.in(folder)).close();
        Path version = folder.resolve("data/PG_VERSION");
        Files.writeString(version, "17\n");

        assertThatThrownBy(() -> EmbeddedPostgres.start(folder))
                .isInstanceOf(EmbeddedPostgresException.class)
                .hasMessageContaining("written by PostgreSQL 17 and this TempoNest brings 18");

        Files.writeString(version, "18\n");
        EmbeddedPostgres.start(folder).close();
    }

    @Test
    void aDatabaseWhosePasswordsAreLostIsReportedAtOnce() throws IOException {
        EmbeddedPostgres.start(UnpackedPostgres.in(folder)).close();
        Files.delete(folder.resolve("credentials.json"));

        assertThatThrownBy(() -> EmbeddedPostgres.start(folder))
                .isInstanceOf(EmbeddedPostgresException.class)
                .hasMessageContaining("no credentials.json");
    }

    private static String show(Statement statement, String setting) {
        try (ResultSet row = statement.executeQuery("show " + setting)) {
            row.next();
            return row.getString(1);
        } catch (SQLException e) {
            throw new IllegalStateException(e);
        }
    }
}
