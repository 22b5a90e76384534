package io.temponest.workers.hashing;

import io.temponest.bus.Bus;
import io.temponest.identity.HashingAddresses;
import io.temponest.identity.HashingAddresses.Hashed;
import io.temponest.identity.HashingAddresses.Verified;
import io.temponest.workers.computation.Computation;
import io.vertx.core.Future;
import io.vertx.core.VerticleBase;

/** Hashes and checks passwords for whoever asks on the bus. */
public final class HashingVerticle extends VerticleBase {

    private static final int WAITING = 64;

    private final Bus bus;

    public HashingVerticle(Bus bus) {
        this.bus = bus;
    }

    @Override
    public Future<?> start() {
        int cores = Runtime.getRuntime().availableProcessors();
        Computation computation = new Computation(vertx, "password-hashing", cores, WAITING);
        Future<Passwords> passwords = computation.run(Passwords::new);
        int cap = cores + WAITING;
        bus.serve(
                HashingAddresses.HASH,
                cap,
                (question, deadline) -> passwords
                        .compose(ready -> computation.run(() -> ready.hash(question.password())))
                        .map(Hashed::new));
        bus.serve(
                HashingAddresses.VERIFY,
                cap,
                (question, deadline) -> passwords
                        .compose(ready -> computation.run(() -> ready.verify(question.password(), question.hash())))
                        .map(Verified::new));
        return Future.succeededFuture();
    }
}
