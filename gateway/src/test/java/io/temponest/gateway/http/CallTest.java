package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.http.HttpClient;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** When a request is over, as its handler hears of it. */
class CallTest {

    private final Vertx vertx = Vertx.vertx();
    private final Router router = Router.router(vertx);
    private final Promise<Boolean> told = Promise.promise();
    private HttpServer server;

    @BeforeEach
    void listen() {
        server = vertx.createHttpServer().requestHandler(router).listen(0).await();
    }

    @AfterEach
    void stop() {
        vertx.close().await();
    }

    private void ask() {
        HttpClient client = vertx.createHttpClient();
        client.request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/")
                .compose(request -> request.send())
                .compose(answer -> answer.body())
                .await();
    }

    @Test
    void itsEndIsToldWhenItIsAnswered() throws Exception {
        router.get().handler(context -> {
            Call.whenOver(context, () -> told.complete(context.response().ended()));
            context.end();
        });

        ask();

        assertThat(told.future().await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void itsEndIsToldAtOnceWhereItWasAnsweredBefore() throws Exception {
        router.get()
                .handler(context ->
                        context.end().onComplete(done -> Call.whenOver(context, () -> told.complete(true))));

        ask();

        assertThat(told.future().await(5, TimeUnit.SECONDS)).isTrue();
    }

    @Test
    void itsEndIsToldAtOnceWhereItsClientHasGoneBefore() throws Exception {
        Promise<RoutingContext> begun = Promise.promise();
        router.get().handler(context -> {
            context.addEndHandler(gone -> Call.whenOver(context, () -> told.complete(true)));
            begun.complete(context);
        });
        HttpClient client = vertx.createHttpClient();
        client.request(HttpMethod.GET, server.actualPort(), "127.0.0.1", "/").compose(request -> {
            request.end();
            return begun.future().onSuccess(context -> request.connection().close());
        });

        assertThat(told.future().await(5, TimeUnit.SECONDS)).isTrue();
    }
}
