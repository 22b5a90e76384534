package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.TestDatabase;
import java.sql.SQLException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The schema from nothing. That its own role can apply it is shown by every test that has a database. */
class MigrationsTest {

    private static final TestDatabase SERVER = TestDatabase.create();
    private static final String EMPTY = "from_nothing";

    @BeforeEach
    void createAnEmptyDatabase() {
        SERVER.execute("create database " + EMPTY);
    }

    @AfterEach
    void dropIt() {
        SERVER.execute("drop database " + EMPTY);
    }

    @Test
    void aPlainSuperuserCanOwnTheSchemaToo() throws SQLException {
        DatabaseUrl superuser = SERVER.superuserUrl().withDatabase(EMPTY);

        assertThat(Migrations.current(superuser)).isZero();
        assertThat(Migrations.apply(superuser)).isPositive();
        assertThat(Migrations.current(superuser)).isEqualTo(Migrations.required());
        assertThat(Migrations.apply(superuser)).isZero();
    }
}
