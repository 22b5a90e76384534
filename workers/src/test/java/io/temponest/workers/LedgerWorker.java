package io.temponest.workers;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.approval.Risk;
import io.temponest.config.Environment;
import io.temponest.json.Json;
import io.temponest.model.ModelsConfig;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Postgres;
import io.temponest.workers.tool.Effect;
import io.temponest.workers.tool.Tool;
import io.temponest.workers.tool.ToolContext;
import io.temponest.workers.tool.ToolResult;
import io.temponest.workers.tool.ToolSpec;
import io.temponest.workers.tool.Toolbox;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * A process with workers whose tools write each call into a file, and in the first of two processes never answer. Its arguments:
 * a folder for the ledger, the database's URL, the provider's, and whether the tools answer.
 */
final class LedgerWorker {

    private LedgerWorker() {}

    public static void main(String[] arguments) throws Exception {
        Path folder = Path.of(arguments[0]);
        DatabaseUrl url = DatabaseUrl.parse(arguments[1]);
        Environment environment = new Environment(Map.of(
                "TEMPONEST_PROVIDER_FAKE_KIND", "openai",
                "TEMPONEST_PROVIDER_FAKE_BASE_URL", arguments[2],
                "TEMPONEST_PROVIDER_FAKE_API_KEY", "sk-fake"));
        Node node = Node.start(NodeConfig.read(environment)).await(60, TimeUnit.SECONDS);
        Postgres postgres = Postgres.connect(node.vertx(), url, 4);
        ModelSupply supply = ModelSupply.open(node, ModelsConfig.read(environment), postgres, folder)
                .await(60, TimeUnit.SECONDS);
        boolean answers = Boolean.parseBoolean(arguments[3]);
        Toolbox ledger = (tenant, name) -> Future.succeededFuture(
                switch (name) {
                    case "idempotent", "unsafe" -> Optional.of(new Writing(Effect.parse(name), folder, answers));
                    case "queryable" -> Optional.of(new Asked(new Writing(Effect.QUERYABLE, folder, answers)));
                    default -> Optional.empty();
                });
        Workers.start(node, WorkersConfig.read(environment), url, postgres, supply, List.of(ledger))
                .await(60, TimeUnit.SECONDS);
        System.out.println("ready");
        Thread.sleep(Duration.ofMinutes(3));
    }

    /** Appends its key, and answers or not. */
    private record Writing(Effect effect, Path folder, boolean answers) implements Tool.Called {

        @Override
        public ToolSpec spec() {
            return new ToolSpec(
                    effect.toString(),
                    "Writes into the ledger.",
                    Json.tree("{\"type\":\"object\"}"),
                    effect,
                    Risk.LOW,
                    Duration.ofMinutes(1),
                    ToolSpec.Retry.NONE);
        }

        @Override
        public Future<ToolResult> call(ToolContext context, ObjectNode arguments) {
            write("called", context);
            return answers
                    ? Future.succeededFuture(new ToolResult.Done("written"))
                    : Promise.<ToolResult>promise().future();
        }

        void write(String what, ToolContext context) {
            try {
                Files.writeString(
                        folder.resolve("ledger"),
                        what + " " + effect + " " + context.idempotencyKey() + "\n",
                        StandardOpenOption.CREATE,
                        StandardOpenOption.APPEND);
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }

    /** Knows what is in the ledger. */
    private record Asked(Writing ledger) implements Tool.Queried {

        @Override
        public ToolSpec spec() {
            return ledger.spec();
        }

        @Override
        public Future<ToolResult> call(ToolContext context, ObjectNode arguments) {
            return ledger.call(context, arguments);
        }

        @Override
        public Future<Optional<ToolResult>> outcome(ToolContext context, ObjectNode arguments) {
            try {
                boolean there =
                        Files.readString(ledger.folder().resolve("ledger")).contains(context.idempotencyKey());
                ledger.write("asked", context);
                return Future.succeededFuture(
                        there ? Optional.of(new ToolResult.Done("it is there")) : Optional.empty());
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }
    }
}
