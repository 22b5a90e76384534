package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.TestDatabase;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;

/** Partitions are made ahead while the database is at work. */
class PartitionsTest {

    private final TestDatabase database = TestDatabase.create();

    @Test
    void aPartitionIsMadeBesideAReaderThatHoldsItsTable() throws SQLException {
        try (Connection reader = TestDatabase.connection(database.superuserUrl());
                Statement reading = reader.createStatement()) {
            reader.setAutoCommit(false);
            reading.executeQuery("select count(*) from run_steps");

            assertThat(made(6)).isPositive();
            assertThat(made(6)).isZero();
        }
    }

    @Test
    void severalNodesMayMakeThemAtOnce() throws Exception {
        Callable<Integer> maker = () -> made(12);
        try (ExecutorService nodes = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Integer>> all = nodes.invokeAll(List.of(maker, maker, maker, maker));

            assertThat(all.stream().map(Future::resultNow).filter(made -> made > 0))
                    .hasSize(1);
        }
    }

    private int made(int months) throws SQLException {
        try (Connection node = TestDatabase.connection(database.appUrl());
                Statement statement = node.createStatement()) {
            statement.execute("set role temponest_engine; set statement_timeout = '10s'");
            try (ResultSet made = statement.executeQuery("select ensure_partitions(" + months + ")")) {
                made.next();
                return made.getInt(1);
            }
        }
    }
}
