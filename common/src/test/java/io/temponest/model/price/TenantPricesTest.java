package io.temponest.model.price;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.temponest.bus.Bus;
import io.temponest.error.ApiException;
import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.temponest.model.Price;
import io.temponest.model.Prices;
import io.temponest.node.MessageTypes;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.math.BigDecimal;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.time.Instant;
import java.time.LocalDate;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Prices of tenants' own, as nodes know them. */
class TenantPricesTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final Bus BUS = new Bus(VERTX, MessageTypes.all());
    private static final Postgres POSTGRES = DATABASE.connect(VERTX);
    private static final PriceStore STORE = new PriceStore(POSTGRES, new Ids());
    private static final ModelName MODEL = ModelName.parse("a/b");

    private final TenantId tenant = DATABASE.tenant();
    private final AtomicReference<Prices> table = new AtomicReference<>(table("1"));
    private final TenantPrices node = new TenantPrices(VERTX, BUS, table::get, STORE);

    @AfterAll
    static void close() throws TimeoutException {
        wait(POSTGRES.close());
        wait(VERTX.close());
    }

    private static <T> T wait(Future<T> future) throws TimeoutException {
        return future.await(30, TimeUnit.SECONDS);
    }

    private static Prices table(String input) {
        return Prices.parse(
                "[{\"model\":\"a/b\",\"from\":\"2025-01-01\",\"input\":\"%s\",\"cached_input\":\"0\",\"output\":\"0\"}]"
                        .formatted(input)
                        .getBytes(StandardCharsets.UTF_8));
    }

    private TypeId made(String input) throws TimeoutException {
        Price price =
                new Price("a/b", LocalDate.of(2026, 1, 1), new BigDecimal(input), BigDecimal.ZERO, BigDecimal.ZERO);
        return wait(POSTGRES.inTenant(tenant, sql -> STORE.create(sql, price))).id();
    }

    private String input(TenantPrices at, TenantId of) throws TimeoutException {
        return wait(at.of(of))
                .find(MODEL, Instant.now())
                .orElseThrow()
                .input()
                .stripTrailingZeros()
                .toPlainString();
    }

    @Test
    void whoeverMadeAPriceHasItAtOnceAndNobodyElseHas() throws TimeoutException {
        assertThat(input(node, tenant)).isEqualTo("1");

        TypeId price = made("0.5");
        wait(node.changed(tenant));
        assertThat(input(node, tenant)).isEqualTo("0.5");
        assertThat(input(node, DATABASE.tenant())).isEqualTo("1");

        wait(POSTGRES.inTenant(tenant, sql -> STORE.delete(sql, price)));
        wait(node.changed(tenant));
        assertThat(input(node, tenant)).isEqualTo("1");
    }

    /** What is known is answered on the spot: nobody waits for the database before a call. */
    @Test
    void whatIsKnownIsAnsweredOnTheSpotAndFollowsTheTable() throws TimeoutException {
        made("0.5");
        assertThat(input(node, tenant)).isEqualTo("0.5");
        assertThat(node.of(tenant).isComplete()).isTrue();

        TenantId other = DATABASE.tenant();
        assertThat(input(node, other)).isEqualTo("1");
        table.set(table("2"));
        assertThat(node.of(other).isComplete()).isTrue();
        assertThat(input(node, other)).isEqualTo("2");
        assertThat(input(node, tenant)).isEqualTo("0.5");
    }

    @Test
    void otherNodesAreToldAndFindOutByThemselvesWhereTheyAreNot() throws TimeoutException {
        TenantPrices other = new TenantPrices(VERTX, BUS, table::get, STORE);
        assertThat(input(other, tenant)).isEqualTo("1");

        TypeId told = made("0.5");
        wait(node.changed(tenant));
        await().atMost(Duration.ofMillis(500)).until(() -> input(other, tenant).equals("0.5"));

        // Nobody tells of this one.
        wait(POSTGRES.inTenant(tenant, sql -> STORE.delete(sql, told)));
        await().atMost(Duration.ofSeconds(3)).until(() -> input(other, tenant).equals("1"));
        wait(other.close());
    }

    @Test
    void aPriceOfOneNameAndDateIsMadeOnce() throws TimeoutException {
        made("0.5");
        assertThatThrownBy(() -> made("0.6"))
                .isInstanceOfSatisfying(
                        ApiException.class,
                        refused -> assertThat(refused.error().code()).isEqualTo("price_exists"));
    }

    @Test
    void whereNothingIsKnownAndTheDatabaseIsAwayNobodyGuesses() throws TimeoutException {
        Postgres closed = DATABASE.connect(VERTX);
        TenantPrices cut = new TenantPrices(VERTX, BUS, table::get, new PriceStore(closed, new Ids()));
        assertThat(input(cut, tenant)).isEqualTo("1");
        wait(closed.close());

        assertThat(input(cut, tenant)).as("what was known goes on").isEqualTo("1");
        assertThatThrownBy(() -> wait(cut.of(DATABASE.tenant()))).isNotInstanceOf(TimeoutException.class);
        wait(cut.close());
    }
}
