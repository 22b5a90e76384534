package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.NewApiKey;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.identity.Ids;
import io.temponest.identity.Permission;
import io.temponest.identity.TenantId;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Postgres;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;
import java.time.Duration;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.stream.Stream;

/** A whole TempoNest in a process of its own, on a database of its own, with a provider that tests script. */
record TestServer(Path dataDir, TestDatabase database, FakeProvider provider, TempoNestProcess process, ApiCaller admin)
        implements AutoCloseable {

    /** A document with facts that nothing else holds. */
    static final String HANDBOOK = """
            # Lighthouse handbook

            ## Lamp
            The lamp of the Skerry lighthouse was built in 1911 by the Chance Brothers company.
            It turns once every twelve seconds and can be seen from eighteen nautical miles.

            ## Keeper
            The keeper of the Skerry lighthouse is Marta Olsen, who also feeds the cat.
            """;

    /** @param dataDir an empty folder */
    static TestServer start(Path dataDir) {
        return start(dataDir, Map.of());
    }

    /** @param more settings, by their full names */
    static TestServer start(Path dataDir, Map<String, String> more) {
        TestDatabase database = TestDatabase.create();
        FakeProvider provider = FakeProvider.start();
        Map<String, String> settings = new HashMap<>(provider.settings());
        settings.putAll(databaseSettings(database));
        settings.putAll(more);
        TempoNestProcess process = TempoNestProcess.start(dataDir, settings, "up");
        try {
            return new TestServer(dataDir, database, provider, process, admin(process, dataDir));
        } catch (RuntimeException | AssertionError e) {
            process.close();
            provider.close();
            throw e;
        }
    }

    static Map<String, String> databaseSettings(TestDatabase database) {
        return Map.of(
                "TEMPONEST_DATABASE_URL", text(database.appUrl()),
                "TEMPONEST_DATABASE_OWNER_URL", text(database.ownerUrl()));
    }

    static String text(DatabaseUrl url) {
        return "postgresql://%s:%s@%s:%d/%s"
                .formatted(url.user(), url.password().reveal(), url.host(), url.port(), url.database());
    }

    /** The first admin of a server that has its folder in {@code dataDir}. */
    static ApiCaller admin(TempoNestProcess process, Path dataDir) {
        process.awaitReady();
        return new ApiCaller(process.url(), adminFile(dataDir).apiKey());
    }

    static AdminFile adminFile(Path dataDir) {
        try {
            return AdminFile.read(dataDir).orElseThrow();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Someone of another tenant, who may do everything there. */
    ApiCaller stranger() {
        return admin.as(key(database, database.tenant()));
    }

    /** The text of a new API key with which one may do everything in a tenant. */
    static String key(TestDatabase database, TenantId tenant) {
        Vertx vertx = Vertx.vertx();
        NewApiKey all = new NewApiKey("test", EnumSet.allOf(Permission.class), Optional.empty());
        Postgres postgres = database.connect(vertx);
        ApiKeyStore keys = new ApiKeyStore(postgres, new Ids(), new SecureRandom());
        try {
            return postgres.inTenant(tenant, sql -> keys.insert(sql, Optional.empty(), all))
                    .toCompletionStage()
                    .toCompletableFuture()
                    .join()
                    .key()
                    .reveal();
        } finally {
            vertx.close().toCompletionStage().toCompletableFuture().join();
        }
    }

    /** How many rows each table has. */
    Map<String, Long> rows() {
        Map<String, Long> rows = new TreeMap<>();
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                Statement statement = connection.createStatement()) {
            List<String> counts = new ArrayList<>();
            try (ResultSet names =
                    statement.executeQuery("select tablename from pg_tables where schemaname = 'public'")) {
                while (names.next()) {
                    counts.add("select '%1$s', count(*) from %1$s".formatted(names.getString(1)));
                }
            }
            try (ResultSet counted = statement.executeQuery(String.join(" union all ", counts))) {
                while (counted.next()) {
                    rows.put(counted.getString(1), counted.getLong(2));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    /** Waits until the files of forms are gone from the disk: they go after the answer, not before it. */
    void awaitNoUploads() {
        await().atMost(Duration.ofSeconds(10)).until(() -> {
            try (Stream<Path> files = Files.list(dataDir.resolve("uploads"))) {
                return files.findAny().isEmpty();
            }
        });
    }

    /** So that nothing writes while a test counts rows. */
    void awaitIndexedDocumentation() {
        String docs = admin.get("/v1/collections")
                .json()
                .path("data")
                .valueStream()
                .filter(known -> known.path("name").asText().equals("temponest-docs"))
                .findFirst()
                .orElseThrow()
                .path("id")
                .asText();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> admin.get("/v1/collections/" + docs + "/documents")
                        .json()
                        .path("data")
                        .valueStream()
                        .allMatch(doc -> doc.path("status").asText().equals("indexed")));
    }

    /** A new collection that holds the handbook, indexed. @return its id */
    static String collection(ApiCaller api, String name) {
        String id = api.post("/v1/collections", Map.of("name", name))
                .json()
                .path("id")
                .asText();
        Answer uploaded = api.upload(
                "/v1/collections/" + id + "/documents", "handbook.md", HANDBOOK.getBytes(StandardCharsets.UTF_8));
        assertThat(uploaded.status()).as(uploaded.text()).isEqualTo(202);
        String document = uploaded.json().at("/data/0/id").asText();
        await().atMost(Duration.ofSeconds(60))
                .until(() -> api.get("/v1/collections/" + id + "/documents/" + document)
                        .json()
                        .path("status")
                        .asText()
                        .equals("indexed"));
        return id;
    }

    /** Starts a run of the agent {@code developer} with the scripted model. @return its id */
    static String start(ApiCaller api, String input, List<String> collections) {
        Answer started = api.post(
                "/v1/agents/developer/runs",
                Map.of("input", input, "model", "fake/parrot", "collections", collections));
        assertThat(started.status()).as(started.text()).isEqualTo(202);
        return started.json().path("id").asText();
    }

    /** A run about the handbook in a collection that has succeeded. @return its id */
    String answeredRun(String collection) {
        provider.willSay("The keeper is Marta Olsen. [1] [2]");
        String run = start(admin, "Who is the keeper of the Skerry lighthouse?", List.of(collection));
        assertThat(admin.ended(run).path("status").asText()).isEqualTo("succeeded");
        return run;
    }

    /** The kinds of a run's steps, in order. */
    static List<String> kinds(ApiCaller api, String run) {
        return api.get("/v1/runs/" + run + "/steps")
                .json()
                .path("data")
                .valueStream()
                .map(step -> step.path("kind").asText())
                .toList();
    }

    /** The sequence numbers of a run's durable events, in order of the stream. */
    static List<Long> eventIds(ApiCaller api, String run) {
        try (ApiCaller.Events events = api.events(run, java.util.Optional.empty())) {
            return java.util.stream.Stream.iterate(events.next(), java.util.Optional::isPresent, last -> events.next())
                    .map(java.util.Optional::orElseThrow)
                    .filter(event -> !event.id().isEmpty())
                    .map(event -> Long.valueOf(event.id()))
                    .toList();
        }
    }

    static String code(JsonNode run) {
        return run.at("/error/code").asText();
    }

    @Override
    public void close() {
        admin.close();
        process.close();
        provider.close();
    }
}
