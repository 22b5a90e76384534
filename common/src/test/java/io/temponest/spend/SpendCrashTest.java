package io.temponest.spend;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.DatabaseUrl;
import java.io.BufferedReader;
import java.io.IOException;
import java.nio.file.FileVisitResult;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.SimpleFileVisitor;
import java.nio.file.attribute.BasicFileAttributes;
import java.time.Duration;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.Map;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.TimeoutException;
import java.util.stream.Collectors;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Processes that are killed with SIGKILL while their calls are open. */
class SpendCrashTest {

    private static final SpendFixture MONEY = new SpendFixture();

    private final TenantId tenant = MONEY.database.tenant();
    private final Set<String> opened = new LinkedHashSet<>();
    private final Set<String> settled = new LinkedHashSet<>();

    @AfterAll
    static void close() throws TimeoutException {
        MONEY.close();
    }

    private Process spender(Path folder, int calls) throws IOException {
        DatabaseUrl url = MONEY.database.appUrl();
        return new ProcessBuilder(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "-Xmx128m",
                        "-cp",
                        System.getProperty("java.class.path"),
                        DyingSpender.class.getName(),
                        folder.toString(),
                        "postgresql://%s:%s@%s:%d/%s"
                                .formatted(url.user(), url.password().reveal(), url.host(), url.port(), url.database()),
                        tenant.toString(),
                        Integer.toString(calls))
                .redirectError(ProcessBuilder.Redirect.DISCARD)
                .start();
    }

    /** Kills the process when it has said so many lines, and hears what it had said until then. */
    private void killAfter(Process spender, int lines) throws IOException, InterruptedException {
        try (BufferedReader said = spender.inputReader()) {
            String line = said.readLine();
            for (int i = 0; line != null; i++) {
                if (line.startsWith("opened ")) {
                    opened.add(line.substring("opened ".length()));
                } else if (line.startsWith("settled ")) {
                    settled.add(line.substring("settled ".length()));
                }
                if (i == lines) {
                    spender.toHandle().destroyForcibly();
                }
                line = said.readLine();
            }
        }
        assertThat(spender.waitFor()).isEqualTo(137);
    }

    private String ledger(String what, String where) {
        return MONEY.ask(
                "select %s from usage_ledger where tenant_id = ? and %s".formatted(what, where), tenant.uuid());
    }

    @Test
    void whatAKilledProcessHadOpenIsInTheLedgerOnce() throws Exception {
        Budget budget = MONEY.budget(tenant, "10", true);
        Path folder = Files.createTempDirectory("temponest-test-spend");
        killAfter(spender(folder, 100_000), 1_500);
        assertThat(opened).hasSizeGreaterThan(1_000);

        Spending next = MONEY.start(folder, MONEY.database.appUrl(), SpendFixture.HASTY);
        await().atMost(Duration.ofSeconds(30)).until(() -> {
            try (var left = Files.list(folder.resolve("spend"))) {
                return left.count() == 1;
            }
        });
        Map<String, String> rows = ledger("string_agg(id || '=' || status || ' ' || cost_usd, ',')", "true")
                .transform(all -> Arrays.stream(all.split(",")))
                .map(row -> row.split("="))
                .collect(Collectors.toMap(
                        row -> new TypeId(Kind.USAGE, UUID.fromString(row[0])).toString(), row -> row[1]));
        assertThat(rows).containsKeys(opened.toArray(String[]::new));
        assertThat(settled).allMatch(attempt -> "succeeded 0.00050000".equals(rows.get(attempt)));
        assertThat(rows.values()).containsOnly("lost 0.00000001", "succeeded 0.00050000");
        // The very last lines may have been lost with the process, the calls not.
        assertThat(Integer.parseInt(ledger("count(*)", "true"))).isBetween(opened.size(), opened.size() + 1);
        assertThat(ledger("count(*)", "status = 'lost' and not estimated")).isEqualTo("0");
        assertThat(MONEY.status(tenant, budget).settled().toString()).isEqualTo(ledger("sum(cost_usd)", "true"));
        assertThat(MONEY.status(tenant, budget).leased()).isEqualTo(Usd.ZERO);
        SpendFixture.await(next.stop());
    }

    @Test
    void anotherNodeSeesToOneWhoseDiskIsGone() throws Exception {
        Budget budget = MONEY.budget(tenant, "10", true);
        Path folder = Files.createTempDirectory("temponest-test-spend");
        Process spender = spender(folder, 30);
        await().atMost(Duration.ofSeconds(60))
                .until(() -> MONEY.ask("select count(*) from usage_reservations where tenant_id = ?", tenant.uuid())
                        .equals("20"));
        killAfter(spender, 39);
        delete(folder);
        assertThat(MONEY.status(tenant, budget).leased()).isNotEqualTo(Usd.ZERO);

        Spending other = MONEY.start(SpendFixture.HASTY);
        await().atMost(Duration.ofSeconds(30))
                .until(() -> MONEY.status(tenant, budget).leased().equals(Usd.ZERO));
        assertThat(ledger("count(*) || ' ' || sum(cost_usd)", "status = 'lost' and estimated"))
                .isEqualTo("20 0.00000020");
        assertThat(ledger("count(*) || ' ' || sum(cost_usd)", "status = 'succeeded'"))
                .isEqualTo("10 0.00500000");
        assertThat(MONEY.status(tenant, budget).settled()).isEqualTo(Usd.parse("0.0050002"));
        assertThat(MONEY.ask("select count(*) from usage_reservations where tenant_id = ?", tenant.uuid()))
                .isEqualTo("0");
        SpendFixture.await(other.stop());
    }

    private static void delete(Path folder) throws IOException {
        Files.walkFileTree(folder, new SimpleFileVisitor<>() {
            @Override
            public FileVisitResult visitFile(Path file, BasicFileAttributes attributes) throws IOException {
                Files.delete(file);
                return FileVisitResult.CONTINUE;
            }
        });
    }
}
