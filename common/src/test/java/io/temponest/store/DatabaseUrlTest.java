package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.testing.TestIdentity;
import io.vertx.pgclient.SslMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class DatabaseUrlTest {

    private static final String URL = "postgresql://ada:s3cret%2B@db.example.org:5433/nest";

    @Test
    void withoutAQueryTheWayIsInTheClear() {
        DatabaseUrl url = DatabaseUrl.parse(URL);

        assertThat(url.tls()).isEqualTo(DatabaseTls.NONE);
        assertThat(url.password().reveal()).isEqualTo("s3cret+");
        assertThat(url.jdbc()).isEqualTo("jdbc:postgresql://db.example.org:5433/nest?sslmode=disable");
        assertThat(url.options("x").getSslMode()).isEqualTo(SslMode.DISABLE);
    }

    @Test
    void bothClientsOfTheDatabaseGetTheMode(@TempDir Path folder) throws Exception {
        Path authorities = Files.writeString(
                folder.resolve("a b.pem"), TestIdentity.make(folder, "one").certificatePem());

        DatabaseUrl require = DatabaseUrl.parse(URL + "?sslmode=require");
        DatabaseUrl full = DatabaseUrl.parse(
                URL + "?sslrootcert=" + authorities.toString().replace(" ", "%20") + "&sslmode=verify-full");

        assertThat(require.jdbc()).endsWith("/nest?sslmode=require");
        assertThat(require.options("x").getSslMode()).isEqualTo(SslMode.REQUIRE);
        assertThat(require.tls().encrypted()).isTrue();
        assertThat(full.jdbc()).contains("?sslmode=verify-full&sslrootcert=").endsWith("a+b.pem");
        assertThat(full.options("x").getSslMode()).isEqualTo(SslMode.VERIFY_FULL);
        assertThat(full.options("x").getSslOptions().getHostnameVerificationAlgorithm())
                .isEqualTo("HTTPS");
        assertThat(full.withDatabase("other").tls()).isEqualTo(full.tls());
    }

    @Test
    void whatIsNotUnderstoodIsRefusedAndNotRepeated() {
        for (String query : List.of(
                "sslmode=on",
                "sslmode=REQUIRE",
                "sslmode",
                "sslmode=require&sslmode=disable",
                "sslmode=verify-full",
                "sslmode=require&sslrootcert=/x",
                "sslmode=verify-ca&sslrootcert=/nowhere/at-all.pem",
                "password=hidden",
                "sslkey=hidden",
                "")) {
            assertThatThrownBy(() -> DatabaseUrl.parse(URL + (query.isEmpty() ? "?&" : "?" + query)))
                    .as(query)
                    .isInstanceOf(IllegalArgumentException.class)
                    .hasMessageNotContainingAny("hidden", "s3cret");
        }
    }
}
