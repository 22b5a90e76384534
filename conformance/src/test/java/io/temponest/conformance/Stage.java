package io.temponest.conformance;

import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.TempoNestProcess;
import io.temponest.json.Json;
import io.temponest.store.DatabaseUrl;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.TestDatabase;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpRequest.BodyPublishers;
import java.net.http.HttpResponse.BodyHandlers;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** The program as it is packaged, in a process of its own, in front of one server that plays all providers. */
record Stage(TempoNestProcess process, TestDatabase database, FakeProvider provider, URI url, String key)
        implements AutoCloseable {

    /** Azure's form is OpenAI's. */
    static final OpenAiVoice AZURE = new OpenAiVoice("azure");

    private static final Path PROGRAM = Path.of("..", "cli", "target", "app", "temponest.jar");
    private static final Duration SOON = Duration.ofSeconds(20);

    /** @param folder an empty one */
    static Stage start(Path folder, List<Sdk> sdks) throws IOException {
        if (!Files.exists(PROGRAM)) {
            throw new IllegalStateException(PROGRAM.toAbsolutePath().normalize() + " is missing; run ./temponest test");
        }
        FakeProvider provider = FakeProvider.start();
        TestDatabase database = TestDatabase.create();
        Map<String, String> settings = new HashMap<>();
        settings.put("TEMPONEST_DATABASE_URL", text(database.appUrl()));
        settings.put("TEMPONEST_DATABASE_OWNER_URL", text(database.ownerUrl()));
        settings.put("TEMPONEST_MODELS_FILE", aliases(folder, sdks).toString());
        String base = provider.baseUrl().toString();
        provider(settings, Script.OPENAI.provider(), "openai", base, Optional.empty());
        provider(settings, Script.ANTHROPIC.provider(), "anthropic", base, Optional.empty());
        provider(settings, AZURE.provider(), "azure", base, Optional.empty());
        for (Sdk sdk : sdks) {
            provider(settings, twoKeys(sdk), "openai", base, Optional.of("sk-one,sk-two"));
            provider(settings, oneKey(sdk, Failure.LIMITED), "openai", base, Optional.of("sk-only"));
            provider(settings, oneKey(sdk, Failure.NO_MONEY), "openai", base, Optional.of("sk-only"));
            provider(settings, oneKey(sdk, Failure.NO_CREDENTIALS), "openai", base, Optional.of("sk-only"));
        }
        Path data = folder.resolve("data");
        TempoNestProcess process = TempoNestProcess.start(PROGRAM, data, settings, "up");
        URI url = process.url();
        String key = Json.read(Files.readAllBytes(data.resolve("admin.json")), JsonNode.class)
                .path("api_key")
                .asText();
        return new Stage(process, database, provider, URI.create(url.toString().replaceAll("/$", "")), key);
    }

    private static String text(DatabaseUrl url) {
        return "postgresql://%s:%s@%s:%d/%s"
                .formatted(url.user(), url.password().reveal(), url.host(), url.port(), url.database());
    }

    private static void provider(
            Map<String, String> settings, String name, String kind, String base, Optional<String> keys) {
        String prefix = "TEMPONEST_PROVIDER_" + name.toUpperCase(Locale.ROOT);
        settings.put(prefix + "_KIND", kind);
        settings.put(prefix + "_BASE_URL", base);
        keys.ifPresent(some -> settings.put(prefix + "_API_KEY", some));
    }

    private static Path aliases(Path folder, List<Sdk> sdks) throws IOException {
        Map<String, Object> aliases = new HashMap<>();
        sdks.forEach(sdk -> aliases.put(alias(sdk), Map.of("models", List.of("chat/" + down(sdk), "chat/" + up(sdk)))));
        return Files.writeString(folder.resolve("models.json"), Json.text(aliases));
    }

    /** A name for two models, of which the first is down. */
    static String alias(Sdk sdk) {
        return "safe-" + sdk.name();
    }

    static String down(Sdk sdk) {
        return "down-" + sdk.name();
    }

    static String up(Sdk sdk) {
        return "up-" + sdk.name();
    }

    /** The name of a provider that has two keys. */
    static String twoKeys(Sdk sdk) {
        return "two_" + sdk.name().replace('-', '_');
    }

    /** The name of a provider that has one key, and no other case than that of this failure. */
    static String oneKey(Sdk sdk, Failure failure) {
        return (failure + "_" + sdk.name().replace('-', '_')).toLowerCase(Locale.ROOT);
    }

    /** The names of all models, as they are listed. */
    String models() {
        return String.join(
                " ",
                send(HttpRequest.newBuilder(url.resolve("/v1/models")))
                        .path("data")
                        .valueStream()
                        .map(model -> model.path("id").asText())
                        .toList());
    }

    private JsonNode send(HttpRequest.Builder request) {
        try (HttpClient http = HttpClient.newHttpClient()) {
            return Json.tree(http.send(
                            request.header("Authorization", "Bearer " + key)
                                    .timeout(SOON)
                                    .build(),
                            BodyHandlers.ofString())
                    .body());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** What temponest/minilm gives for {@link Sdk#TEXTS}, asked for as numbers. */
    List<List<Float>> vectors() {
        Map<String, Object> body = Map.of("model", "temponest/minilm", "input", Sdk.TEXTS, "encoding_format", "float");
        return send(HttpRequest.newBuilder(url.resolve("/v1/embeddings"))
                        .header("Content-Type", "application/json")
                        .POST(BodyPublishers.ofString(Json.text(body))))
                .path("data")
                .valueStream()
                .map(row -> row.path("embedding")
                        .valueStream()
                        .map(number -> (float) number.asDouble())
                        .toList())
                .toList();
    }

    /** Waits until the ledger has a call of a model, which must have ended so. */
    void awaitLedger(String providerName, String model, String status) {
        await().atMost(SOON).until(() -> statuses(providerName, model).equals(List.of(status)));
    }

    private List<String> statuses(String providerName, String model) throws SQLException {
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                PreparedStatement query = connection.prepareStatement(
                        "select status from usage_ledger where provider = ? and model = ?")) {
            query.setString(1, providerName);
            query.setString(2, model);
            List<String> statuses = new ArrayList<>();
            try (ResultSet rows = query.executeQuery()) {
                while (rows.next()) {
                    statuses.add(rows.getString(1));
                }
            }
            return statuses;
        }
    }

    @Override
    public void close() {
        process.close();
        provider.close();
    }
}
