package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestPorts;
import io.temponest.testing.TestRedis;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Three gateways that share one Redis under more load than a tenant's limit lets through. {@code bench/limits} runs the first of
 * these for longer and keeps what it prints.
 */
@Tag("alone")
class LimitsClusterTest {

    private static final int GATEWAYS = 3;
    private static final int CLIENTS = Integer.getInteger("limits.clients", 200);
    private static final Duration TIME = Duration.ofSeconds(Integer.getInteger("limits.seconds", 10));
    private static final Pattern DECISIONS = Pattern.compile(
            "temponest_limit_decisions_total\\{class=\"read\",outcome=\"(\\w+)\",where=\"(\\w+)\"} (\\S+)");

    @TempDir
    private Path folder;

    private final List<Integer> ports = TestPorts.next(GATEWAYS);

    /** A JVM that has just started compiles more than it answers. */
    private static final Duration WARM_UP = Duration.ofSeconds(5);

    /** Where a machine is so busy that Redis is taken for away, reads go on without it, and nothing is proved. */
    private static final int ATTEMPTS = 3;

    /** @param decisions by outcome and where they were made, over all gateways */
    private record Outcome(LimitedLoad load, Map<String, Double> decisions, double losses) {

        double local() {
            double all =
                    decisions.values().stream().mapToDouble(Double::doubleValue).sum();
            return decisions.entrySet().stream()
                            .filter(entry -> !entry.getKey().endsWith("redis"))
                            .mapToDouble(Map.Entry::getValue)
                            .sum()
                    / all;
        }
    }

    @Test
    void neverMoreThanAThousandAMinuteAndNearlyAllOfThem() throws IOException {
        Duration minute = Duration.ofMinutes(1);
        Outcome outcome = underLoad("1000/min");

        assertThat(outcome.losses()).isZero();
        assertThat(outcome.load().mostAdmittedWithin(minute)).isBetween(950L, 1_000L);
        assertThat(outcome.local()).isGreaterThan(0.8);
        assertThat(outcome.load().requests())
                .allSatisfy(one -> assertThat(one.status()).isIn(200, 429));
    }

    /** Windows that end while the load goes on. */
    @Test
    void aWindowThatHasPassedIsThereAgainAndNoneBetweenHoldsMore() throws IOException {
        Duration window = Duration.ofSeconds(6);
        Outcome outcome = underLoad("300/6s");

        assertThat(outcome.losses()).isZero();
        assertThat(outcome.load().mostAdmittedWithin(window)).isBetween(285L, 300L);
        assertThat(outcome.load().admitted()).isGreaterThan(300 * (TIME.toSeconds() / 7));
    }

    private Outcome underLoad(String limit) throws IOException {
        Outcome outcome = attempt(limit);
        for (int i = 1; i < ATTEMPTS && outcome.losses() > 0; i++) {
            outcome = attempt(limit);
        }
        return outcome;
    }

    private Outcome attempt(String limit) throws IOException {
        TestDatabase database = TestDatabase.create();
        List<TempoNestProcess> gateways = new ArrayList<>();
        try (TestRedis redis = TestRedis.start()) {
            for (int i = 0; i < GATEWAYS; i++) {
                gateways.add(TempoNestProcess.start(
                        folder.resolve("g" + i), settings(database, redis, limit, i), "gateway"));
            }
            gateways.forEach(TempoNestProcess::awaitReady);
            List<URI> urls = gateways.stream().map(TempoNestProcess::url).toList();
            LimitedLoad.run(urls, "/v1/projects", TestServer.key(database, database.tenant()), CLIENTS / 4, WARM_UP);
            String key = TestServer.key(database, database.tenant());
            String before = metrics(gateways);
            LimitedLoad load = LimitedLoad.run(urls, "/v1/projects", key, CLIENTS, TIME);
            Outcome outcome = outcome(load, before, metrics(gateways));
            System.out.printf(
                    "%s, %d gateways, %d clients, %d s: %s%n  decisions %s, local %.4f, Redis lost %.0f times%n",
                    limit,
                    GATEWAYS,
                    CLIENTS,
                    TIME.toSeconds(),
                    outcome.load(),
                    outcome.decisions(),
                    outcome.local(),
                    outcome.losses());
            return outcome;
        } finally {
            gateways.forEach(TempoNestProcess::close);
        }
    }

    private static String metrics(List<TempoNestProcess> gateways) {
        return gateways.stream().map(gateway -> gateway.ops("/metrics")).collect(Collectors.joining("\n"));
    }

    private static Map<String, Double> decisions(String metrics) {
        Map<String, Double> decisions = new HashMap<>();
        Matcher decision = DECISIONS.matcher(metrics);
        while (decision.find()) {
            decisions.merge(
                    decision.group(1) + " " + decision.group(2), Double.valueOf(decision.group(3)), Double::sum);
        }
        return decisions;
    }

    private static double losses(String metrics) {
        return metrics.lines()
                .filter(line -> line.startsWith("temponest_redis_losses_total "))
                .mapToDouble(line -> Double.parseDouble(line.substring(line.indexOf(' ') + 1)))
                .sum();
    }

    private static Outcome outcome(LimitedLoad load, String before, String after) {
        Map<String, Double> decisions = decisions(after);
        decisions(before).forEach((label, count) -> decisions.merge(label, -count, Double::sum));
        return new Outcome(load, decisions, losses(after) - losses(before));
    }

    private Map<String, String> settings(TestDatabase database, TestRedis redis, String limit, int number)
            throws IOException {
        Path limits = Files.writeString(
                folder.resolve("limits.json"),
                "{\"plans\": {\"free\": {\"requests\": {\"read\": {\"tenant\": \"%s\"}}}}}".formatted(limit));
        Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(database));
        settings.put("TEMPONEST_DATABASE_POOL", "4");
        settings.put("TEMPONEST_REDIS_URL", redis.text());
        settings.put("TEMPONEST_LIMITS_FILE", limits.toString());
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put("TEMPONEST_CLUSTER_PORT", Integer.toString(ports.get(number)));
        settings.put(
                "TEMPONEST_CLUSTER_MEMBERS",
                ports.stream().map(port -> "127.0.0.1:" + port).collect(Collectors.joining(",")));
        return settings;
    }
}
