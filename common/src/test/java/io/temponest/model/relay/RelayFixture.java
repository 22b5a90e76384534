package io.temponest.model.relay;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.config.Secret;
import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.temponest.model.Cancellation;
import io.temponest.model.ModelName;
import io.temponest.model.Prices;
import io.temponest.model.ProviderConfig;
import io.temponest.model.ProviderKind;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.TokenCounter;
import io.temponest.model.price.PriceStore;
import io.temponest.model.price.TenantPrices;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.temponest.node.MessageTypes;
import io.temponest.spend.Account;
import io.temponest.spend.BudgetPeriod;
import io.temponest.spend.BudgetScope;
import io.temponest.spend.BudgetStore;
import io.temponest.spend.NewBudget;
import io.temponest.spend.Spending;
import io.temponest.spend.Usd;
import io.temponest.store.Postgres;
import io.temponest.testing.FakeProvider;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.awaitility.Awaitility;

/** A relay over one scripted server, which is several providers, with a ledger and budgets. */
final class RelayFixture implements AutoCloseable {

    private static final Prices PRICES = Prices.parse("""
            [{"model":"fake/*","from":"2025-01-01","input":"10","cached_input":"1","output":"2000"},
             {"model":"claude/*","from":"2025-01-01","input":"10","cached_input":"1","output":"2000"}]""".getBytes(StandardCharsets.UTF_8));

    static final Duration PATIENCE = Duration.ofSeconds(1);

    final TestDatabase database = TestDatabase.create();
    final FakeProvider provider = FakeProvider.start();
    final Vertx vertx = Vertx.vertx();
    final Context context = vertx.getOrCreateContext();
    final Bus bus = new Bus(vertx, MessageTypes.all());
    final Ids ids = new Ids();
    final Spending spending;
    final TenantPrices prices;
    final Attempts.Means means;
    final Relay relay;
    private final Postgres postgres = database.connect(vertx);
    private final BudgetStore budgets = new BudgetStore(postgres, ids, bus);

    RelayFixture() throws TimeoutException {
        spending = wait(Spending.start(vertx, bus, postgres, folder(), new SimpleMeterRegistry()));
        prices = new TenantPrices(vertx, bus, () -> PRICES, new PriceStore(postgres, ids));
        means = new Attempts.Means(bus, ids, spending, prices, new TokenCounter(vertx, bus));
        relay = new Relay(
                vertx,
                List.of(
                        provider("fake", ProviderKind.OPENAI),
                        provider("other", ProviderKind.OPENAI),
                        provider("claude", ProviderKind.ANTHROPIC),
                        provider("local", ProviderKind.OLLAMA)),
                means);
    }

    private static Path folder() {
        try {
            return Files.createTempDirectory("temponest-test-relay");
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    ProviderConfig provider(String name, ProviderKind kind) {
        return new ProviderConfig(
                name,
                kind,
                URI.create(provider.baseUrl().toString()),
                List.of(new Secret("sk-fake")),
                PATIENCE,
                false,
                kind == ProviderKind.OLLAMA);
    }

    static <T> T wait(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }

    /** A tenant with a hard budget that has so much left. */
    TenantId tenant(String budget) throws TimeoutException {
        TenantId tenant = database.tenant();
        NewBudget wanted = new NewBudget(
                BudgetScope.TENANT,
                Optional.empty(),
                BudgetPeriod.TOTAL,
                Usd.parse(budget),
                true,
                List.of(BigDecimal.ONE));
        wait(postgres.inTenant(tenant, sql -> budgets.create(sql, wanted)));
        wait(spending.follow(tenant));
        return tenant;
    }

    static Account account(TenantId tenant) {
        return new Account(
                tenant,
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty());
    }

    RelayCall call(TenantId tenant, Form form, String body, String... targets) {
        return call(tenant, Operation.CHAT, form, Buffer.buffer(body), new Cancellation(), targets);
    }

    RelayCall call(
            TenantId tenant,
            Operation operation,
            Form form,
            Buffer body,
            Cancellation cancellation,
            String... targets) {
        Form scanned = operation == Operation.EMBEDDINGS ? Form.OPENAI_RESPONSES : form;
        return new RelayCall(
                operation,
                form,
                body,
                "req_1",
                RequestScan.of(scanned, body.getBytes()),
                account(tenant),
                List.of(targets).stream().map(ModelName::parse).toList(),
                false,
                false,
                Deadline.after(Duration.ofSeconds(20)),
                cancellation,
                false);
    }

    /** On an event loop, as calls are. */
    Future<Relayed> relay(RelayCall call) {
        Promise<Relayed> relayed = Promise.promise();
        context.runOnContext(go -> relay.call(call).onComplete(relayed));
        return relayed.future();
    }

    Relayed relayed(RelayCall call) throws TimeoutException {
        return wait(relay(call));
    }

    ApiError refusal(RelayCall call) throws TimeoutException {
        Future<Relayed> relayed = relay(call);
        Awaitility.await().atMost(Duration.ofSeconds(30)).until(relayed::isComplete);
        assertThat(relayed.cause()).isInstanceOf(RelayFailure.class);
        return ((RelayFailure) relayed.cause()).error();
    }

    /** All that a client gets of a stream. */
    String stream(RelayCall call) throws TimeoutException {
        Relayed.Streaming stream = (Relayed.Streaming) relayed(call);
        StringBuilder text = new StringBuilder();
        Promise<Void> over = Promise.promise();
        context.runOnContext(go -> stream.source().accept(new Relayed.Sink() {
            @Override
            public Future<Void> frames(Buffer frames) {
                text.append(frames);
                return Future.succeededFuture();
            }

            @Override
            public void end() {
                over.complete();
            }

            @Override
            public void breakOff() {
                over.complete();
            }
        }));
        wait(over.future());
        return text.toString();
    }

    /** A call as the ledger has it. */
    record Row(String status, long input, long output, String cost) {}

    /** What the ledger has of a tenant's calls, once it has so many. */
    List<Row> ledger(TenantId tenant, int calls) {
        return Awaitility.await()
                .atMost(Duration.ofSeconds(10))
                .until(() -> ledger(tenant), rows -> rows.size() == calls);
    }

    private List<Row> ledger(TenantId tenant) {
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                PreparedStatement statement = connection.prepareStatement(
                        "select status, input_tokens, output_tokens, cost_usd from usage_ledger where tenant_id = ? order by id")) {
            statement.setObject(1, tenant.uuid());
            List<Row> rows = new ArrayList<>();
            try (ResultSet found = statement.executeQuery()) {
                while (found.next()) {
                    rows.add(new Row(
                            found.getString(1),
                            found.getLong(2),
                            found.getLong(3),
                            found.getBigDecimal(4).toPlainString()));
                }
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }

    @Override
    public void close() throws TimeoutException {
        wait(relay.close());
        wait(prices.close());
        wait(spending.stop());
        wait(postgres.close());
        wait(vertx.close());
        provider.close();
    }
}
