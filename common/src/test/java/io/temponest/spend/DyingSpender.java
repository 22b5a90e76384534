package io.temponest.spend;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.node.MessageTypes;
import io.temponest.store.DatabaseUrl;
import io.temponest.store.Postgres;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * A process that opens calls, says so, settles every third, says so, and goes on until it is killed. Its arguments: the folder,
 * the database's URL, the tenant, and how many calls it opens at most, after which it waits.
 */
final class DyingSpender {

    private DyingSpender() {}

    public static void main(String[] arguments) throws TimeoutException, InterruptedException {
        Vertx vertx = Vertx.vertx();
        Spending spending = Spending.start(
                        new Spending.Setup(
                                vertx,
                                new Bus(vertx, MessageTypes.all()),
                                Postgres.connect(vertx, DatabaseUrl.parse(arguments[1]), 4),
                                Path.of(arguments[0]),
                                new SimpleMeterRegistry(),
                                InstantSource.system()),
                        SpendFixture.HASTY)
                .await(30, TimeUnit.SECONDS);
        Ids ids = new Ids();
        for (int i = 0; i < Integer.parseInt(arguments[3]); i++) {
            SpendCall call = new SpendCall(
                    ids.next(Kind.USAGE),
                    SpendFixture.account(TenantId.parse(arguments[2])),
                    "openai",
                    "gpt-5",
                    Usd.parse("0.00000001"),
                    Usd.parse("0.001"));
            Ticket ticket = opened(spending, call);
            System.out.println("opened " + call.attempt());
            if (i % 3 == 0) {
                ticket.settle(SpendFixture.success("0.0005"));
                System.out.println("settled " + call.attempt());
            }
        }
        Thread.sleep(Duration.ofMinutes(2));
    }

    /** Until the node has its first heartbeat, there is nothing to be had. */
    private static Ticket opened(Spending spending, SpendCall call) throws TimeoutException {
        while (true) {
            SpendOutcome outcome =
                    spending.open(call, Deadline.after(Duration.ofSeconds(5))).await(30, TimeUnit.SECONDS);
            if (outcome instanceof SpendOutcome.Opened(Ticket ticket)) {
                return ticket;
            }
        }
    }
}
