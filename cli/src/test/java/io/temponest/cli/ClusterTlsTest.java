package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.bus.Deadline;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.config.Environment;
import io.temponest.identity.HashingAddresses;
import io.temponest.identity.HashingAddresses.Hash;
import io.temponest.identity.HashingAddresses.Verified;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestIdentity;
import io.temponest.testing.TestPorts;
import io.vertx.core.Future;
import java.io.IOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A gateway and a worker that prove to each other that they are nodes, and somebody in their network who cannot. */
class ClusterTlsTest {

    @TempDir
    private Path folder;

    private final List<Integer> ports = TestPorts.next(3);
    private final List<String> heard = new CopyOnWriteArrayList<>();

    @Test
    void nodesWithCertificatesServeTogether() throws Exception {
        Map<String, String> cluster = cluster(TestDatabase.create());
        try (TempoNestProcess gateway = TempoNestProcess.start(folder, certified(cluster, 0), "gateway");
                TempoNestProcess worker = TempoNestProcess.start(folder, certified(cluster, 1), "worker")) {
            gateway.awaitReady();
            worker.awaitReady();
            String email = People.address();
            try (ApiCaller anyone = new ApiCaller(gateway.url(), "");
                    ApiCaller api = anyone.as(signUp(anyone, email))) {
                JsonNode run = api.post(
                                "/v1/agents/developer/runs",
                                Map.of("input", "Who feeds the cat?", "model", "temponest/extractive", "wait", 20))
                        .json();
                assertThat(run.path("status").asText()).as(run.toString()).isEqualTo("succeeded");
            }
        }
    }

    private static String signUp(ApiCaller anyone, String email) {
        Answer made = anyone.post(
                "/v1/auth/register",
                Map.of("email", email, "password", People.PASSWORD, "full_name", "Marta", "tenant_name", "Skerry"));
        assertThat(made.status()).as(made.text()).isEqualTo(201);
        Answer in = anyone.post("/v1/auth/login", Map.of("email", email, "password", People.PASSWORD));
        assertThat(in.status()).as(in.text()).isEqualTo(200);
        return in.json().path("access_token").asText();
    }

    /** It can join the membership, and so be asked; but nothing is told to it, and nothing that it asks is answered. */
    @Test
    void whoeverHasNoCertificateHearsNothingAndIsNotAnswered() throws Exception {
        Map<String, String> cluster = cluster(TestDatabase.create());
        try (TempoNestProcess gateway = TempoNestProcess.start(folder, certified(cluster, 0), "gateway");
                TempoNestProcess worker = TempoNestProcess.start(folder, certified(cluster, 1), "worker");
                ApiCaller anyone = new ApiCaller(gateway.url(), "")) {
            gateway.awaitReady();
            worker.awaitReady();
            Node intruder = intruder(cluster);
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> guess(anyone) >= 500);
                assertThatThrownBy(() -> get(intruder.bus()
                                .ask(HashingAddresses.HASH, new Hash("x"), Deadline.after(Duration.ofSeconds(3)))))
                        .hasMessageContaining("No worker");
                assertThat(heard).isEmpty();
            } finally {
                get(intruder.close());
            }
        }
    }

    /** The same without certificates, which shows that the test above can fail. */
    @Test
    void withoutCertificatesItReadsPasswords() throws Exception {
        Map<String, String> cluster = cluster(TestDatabase.create());
        try (TempoNestProcess gateway = TempoNestProcess.start(folder, member(cluster, 0), "gateway");
                TempoNestProcess worker = TempoNestProcess.start(folder, member(cluster, 1), "worker");
                ApiCaller anyone = new ApiCaller(gateway.url(), "")) {
            gateway.awaitReady();
            worker.awaitReady();
            Node intruder = intruder(cluster);
            try {
                await().atMost(Duration.ofSeconds(30)).until(() -> guess(anyone) == 401 && !heard.isEmpty());
                assertThat(heard).containsOnly(People.OTHER);
            } finally {
                get(intruder.close());
            }
        }
    }

    /** Signs in as somebody who does not exist. @return the answer's status */
    private static int guess(ApiCaller anyone) {
        String body = "{\"email\":\"%s\",\"password\":\"%s\"}".formatted(People.address(), People.OTHER);
        return anyone.send(
                        "POST",
                        "/v1/auth/login",
                        BodyPublishers.ofString(body),
                        Map.of("Content-Type", "application/json", "X-Request-Timeout-Ms", "5000"))
                .status();
    }

    /** A node that offers to check passwords. */
    private Node intruder(Map<String, String> cluster) throws Exception {
        Node node = get(Node.start(NodeConfig.read(new Environment(member(cluster, 2)))));
        get(node.bus()
                .serve(HashingAddresses.VERIFY, 10, (asked, deadline) -> {
                    heard.add(asked.password());
                    return Future.succeededFuture(new Verified(true));
                })
                .completion());
        return node;
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(30, TimeUnit.SECONDS);
    }

    private Map<String, String> cluster(TestDatabase database) {
        Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(database));
        settings.put("TEMPONEST_CLUSTER", "static");
        settings.put(
                "TEMPONEST_CLUSTER_MEMBERS",
                String.join(",", ports.stream().map(port -> "127.0.0.1:" + port).toList()));
        return settings;
    }

    private Map<String, String> member(Map<String, String> cluster, int number) {
        Map<String, String> settings = new HashMap<>(cluster);
        settings.put("TEMPONEST_CLUSTER_PORT", ports.get(number).toString());
        return settings;
    }

    /** Each of the first two nodes has a certificate of its own, and both know both. */
    private Map<String, String> certified(Map<String, String> cluster, int number) throws Exception {
        List<TestIdentity> nodes = identities();
        Map<String, String> settings = member(cluster, number);
        settings.put(
                "TEMPONEST_CLUSTER_TLS_CERT",
                write("cert" + number, nodes.get(number).certificatePem()));
        settings.put(
                "TEMPONEST_CLUSTER_TLS_KEY",
                write("key" + number, nodes.get(number).keyPem()));
        settings.put(
                "TEMPONEST_CLUSTER_TLS_CA",
                write("ca", nodes.get(0).certificatePem() + nodes.get(1).certificatePem()));
        return settings;
    }

    private List<TestIdentity> identities = List.of();

    private List<TestIdentity> identities() throws Exception {
        if (identities.isEmpty()) {
            identities = List.of(TestIdentity.make(folder, "one"), TestIdentity.make(folder, "two"));
        }
        return identities;
    }

    private String write(String name, String pem) throws IOException {
        return Files.writeString(folder.resolve(name + ".pem"), pem).toString();
    }
}
