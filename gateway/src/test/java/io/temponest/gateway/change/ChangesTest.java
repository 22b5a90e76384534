package io.temponest.gateway.change;

import static org.assertj.core.api.Assertions.assertThat;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.crypto.SecretBox;
import io.temponest.gateway.http.Answer;
import io.temponest.idempotency.IdempotencyStore;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChangesTest {

    @Test
    void whatFailsAfterwardsDoesNotUndoTheAnswer(@TempDir Path folder) throws Exception {
        Vertx vertx = Vertx.vertx();
        TestDatabase database = TestDatabase.create();
        Postgres postgres = database.connect(vertx);
        try {
            Changes changes = new Changes(
                    postgres, new IdempotencyStore(), SecretBox.readOrMake(folder), new SimpleMeterRegistry());

            Answer answer = changes.change(
                            database.tenant(),
                            sql -> Future.succeededFuture(
                                    Made.of(new Answer.Empty()).then(() -> {
                                        throw new IllegalStateException("the mail is no mail");
                                    })))
                    .await(20, TimeUnit.SECONDS);

            assertThat(answer).isEqualTo(new Answer.Empty());
        } finally {
            postgres.close().await(20, TimeUnit.SECONDS);
            vertx.close().await(20, TimeUnit.SECONDS);
        }
    }
}
