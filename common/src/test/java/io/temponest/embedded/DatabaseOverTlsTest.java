package io.temponest.embedded;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.store.DatabaseUrl;
import io.temponest.store.Migrations;
import io.temponest.store.Postgres;
import io.temponest.testing.TestIdentity;
import io.vertx.core.Vertx;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.sql.SQLException;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Both clients of the database, against a server that shows a certificate. */
class DatabaseOverTlsTest {

    @TempDir
    private static Path folder;

    private static EmbeddedPostgres server;
    private static Path right;
    private static Path wrong;
    private static Vertx vertx;

    @BeforeAll
    static void start() throws Exception {
        TestIdentity identity = TestIdentity.make(folder, "server");
        right = Files.writeString(folder.resolve("right.pem"), identity.certificatePem());
        wrong = Files.writeString(
                folder.resolve("wrong.pem"), TestIdentity.make(folder, "other").certificatePem());
        Path data = UnpackedPostgres.in(folder.resolve("postgres"));
        Path key = data.resolve("server.key");
        Path certificate = data.resolve("server.crt");
        Files.writeString(certificate, identity.certificatePem());
        Files.writeString(key, identity.keyPem());
        Files.setPosixFilePermissions(key, PosixFilePermissions.fromString("rw-------"));
        Unprivileged user = Unprivileged.choose();
        user.own(key);
        user.own(certificate);
        server = EmbeddedPostgres.start(
                data,
                Map.of(
                        "listen_addresses",
                        "127.0.0.1,127.0.0.2",
                        "ssl",
                        "on",
                        "ssl_cert_file",
                        certificate.toString(),
                        "ssl_key_file",
                        key.toString()));
        vertx = Vertx.vertx();
    }

    @AfterAll
    static void stop() {
        vertx.close().await();
        server.close();
    }

    private static DatabaseUrl url(String host, String query) {
        DatabaseUrl plain = server.appUrl();
        return DatabaseUrl.parse("postgresql://%s:%s@%s:%d/%s?%s"
                .formatted(plain.user(), plain.password().reveal(), host, plain.port(), plain.database(), query));
    }

    /** Whether the service's own client is over TLS. */
    private static boolean encrypted(DatabaseUrl url) throws Exception {
        Postgres postgres = Postgres.connect(vertx, url, 1);
        try {
            return postgres.withoutTenant(sql -> sql.query("select ssl from pg_stat_ssl where pid = pg_backend_pid()")
                            .execute()
                            .map(rows -> rows.iterator().next().getBoolean("ssl")))
                    .await(30, TimeUnit.SECONDS);
        } finally {
            postgres.close().await(30, TimeUnit.SECONDS);
        }
    }

    @Test
    void theModesThatEncryptDo() throws Exception {
        for (String query : new String[] {
            "sslmode=prefer",
            "sslmode=require",
            "sslmode=verify-ca&sslrootcert=" + right,
            "sslmode=verify-full&sslrootcert=" + right
        }) {
            assertThat(encrypted(url("127.0.0.1", query))).as(query).isTrue();
            assertThat(Migrations.current(url("127.0.0.1", query))).as(query).isZero();
        }
        assertThat(encrypted(url("127.0.0.1", "sslmode=disable"))).isFalse();
    }

    @Test
    void aServerThatTheAuthoritiesDoNotKnowIsRefused() {
        for (String mode : new String[] {"verify-ca", "verify-full"}) {
            DatabaseUrl url = url("127.0.0.1", "sslmode=" + mode + "&sslrootcert=" + wrong);

            assertThatThrownBy(() -> encrypted(url)).as(mode).isNotInstanceOf(AssertionError.class);
            assertThatThrownBy(() -> Migrations.current(url)).as(mode).isInstanceOf(SQLException.class);
        }
    }

    /** The certificate is for 127.0.0.1 and localhost. */
    @Test
    void aCertificateForAnotherHostIsEnoughForOneModeAlone() throws Exception {
        assertThat(encrypted(url("127.0.0.2", "sslmode=verify-ca&sslrootcert=" + right)))
                .isTrue();
        DatabaseUrl full = url("127.0.0.2", "sslmode=verify-full&sslrootcert=" + right);

        assertThatThrownBy(() -> encrypted(full)).isNotInstanceOf(AssertionError.class);
        assertThatThrownBy(() -> Migrations.current(full)).isInstanceOf(SQLException.class);
    }
}
