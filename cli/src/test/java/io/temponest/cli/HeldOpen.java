package io.temponest.cli;

import static org.awaitility.Awaitility.await;

import io.temponest.testing.TestDatabase;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;

/** A transaction of a test's own, held open while others run into it. It sees and changes everything. */
record HeldOpen(TestDatabase database, Connection connection) implements AutoCloseable {

    static HeldOpen begin(TestDatabase database) throws SQLException {
        Connection connection = TestDatabase.connection(database.superuserUrl());
        connection.setAutoCommit(false);
        return new HeldOpen(database, connection);
    }

    /** @param sql with one parameter, the run */
    void execute(String sql, String run) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql)) {
            statement.setObject(1, GateFixture.uuid(run));
            statement.execute();
        }
    }

    /** The number that a query answers. */
    int ask(String sql) throws SQLException {
        try (PreparedStatement statement = connection.prepareStatement(sql);
                ResultSet rows = statement.executeQuery()) {
            rows.next();
            return rows.getInt(1);
        }
    }

    void commit() throws SQLException {
        connection.commit();
    }

    /** Waits until so many others wait for a lock. */
    void awaitWaiting(int several) {
        awaitTrue(
                "select (count(*) >= %d)::int from pg_stat_activity where wait_event_type = 'Lock' and datname = current_database()"
                        .formatted(several));
    }

    /** Waits until a query of another transaction says 1. */
    void awaitTrue(String sql) {
        await().atMost(Duration.ofSeconds(20)).until(() -> {
            try (HeldOpen other = begin(database)) {
                return other.ask(sql) == 1;
            }
        });
    }

    @Override
    public void close() throws SQLException {
        connection.close();
    }
}
