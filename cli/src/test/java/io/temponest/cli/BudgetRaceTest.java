package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.TestDatabase;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many clients at once on a budget that is too small for all of them. */
class BudgetRaceTest {

    private static final int CLIENTS = 64;
    private static final BigDecimal LIMIT = new BigDecimal("1.00");
    private static final BigDecimal PER_CALL = new BigDecimal("0.004");

    @TempDir
    private Path folder;

    @Test
    void sixtyFourClientsSpendADollarAndNotACentMore() throws Exception {
        Path prices = Files.writeString(
                folder.resolve("prices.json"),
                "[{\"model\": \"fake/*\", \"from\": \"2025-01-01\", \"input\": \"0\", \"cached_input\": \"0\","
                        + " \"output\": \"1000\"}]");
        try (TestServer server =
                TestServer.start(folder.resolve("data"), Map.of("TEMPONEST_PRICES_FILE", prices.toString()))) {
            server.provider().otherwise(new Act.Say("Four tokens are here"), new Act.Finish(10, 4));
            Answer made = server.admin()
                    .post(
                            "/v1/budgets",
                            Map.of("scope", "tenant", "period", "total", "limit_usd", "1.00", "hard", true));
            assertThat(made.status()).as(made.text()).isEqualTo(201);

            AtomicBoolean over = new AtomicBoolean();
            try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
                Future<BigDecimal> most = threads.submit(() -> mostOfTheBudget(server.database(), over));
                List<Future<Integer>> clients = new ArrayList<>();
                for (int i = 0; i < CLIENTS; i++) {
                    clients.add(threads.submit(() -> callUntilRefused(server.admin())));
                }
                int answered = 0;
                for (Future<Integer> client : clients) {
                    answered += client.get();
                }
                over.set(true);

                BigDecimal spent = PER_CALL.multiply(BigDecimal.valueOf(answered));
                assertThat(spent).isBetween(new BigDecimal("0.99"), LIMIT);
                assertThat(server.provider().unseen()).isEqualTo(answered);
                assertThat(most.get()).isLessThanOrEqualTo(LIMIT);
                await().atMost(Duration.ofSeconds(10))
                        .until(() -> settled(server.database()).compareTo(spent) == 0);
                System.out.printf(
                        "%d clients: %d calls, $%s settled, at most $%s settled and reserved%n",
                        CLIENTS, answered, spent, most.get());
            }
        }
    }

    /** @return how many calls were answered */
    private static int callUntilRefused(ApiCaller api) {
        for (int answered = 0; ; answered++) {
            Answer answer = api.post(
                    "/v1/chat/completions",
                    Map.of(
                            "model",
                            "fake/parrot",
                            "max_tokens",
                            4,
                            "stream",
                            true,
                            "messages",
                            List.of(Map.of("role", "user", "content", "Say something."))));
            if (answer.status() != 200) {
                assertThat(answer.status()).as(answer.text()).isEqualTo(429);
                assertThat(answer.error("code")).isEqualTo("insufficient_quota");
                assertThat(answer.header("x-should-retry")).isEqualTo("false");
                return answered;
            }
            assertThat(answer.text()).endsWith("data: [DONE]\n\n").doesNotContain("error");
        }
    }

    /** The most that was settled and reserved together at any moment that was looked at. */
    private static BigDecimal mostOfTheBudget(TestDatabase database, AtomicBoolean over) throws SQLException {
        BigDecimal most = BigDecimal.ZERO;
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                Statement statement = connection.createStatement()) {
            while (!over.get()) {
                try (ResultSet sum =
                        statement.executeQuery("select coalesce(max(settled + leased), 0) from budget_periods")) {
                    sum.next();
                    most = most.max(sum.getBigDecimal(1));
                }
            }
        }
        return most;
    }

    private static BigDecimal settled(TestDatabase database) {
        return new LedgerRows(database)
                .all().values().stream().map(LedgerRows.Row::cost).reduce(BigDecimal.ZERO, BigDecimal::add);
    }
}
