package io.temponest.gateway.ops;

import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.limit.RouteClass;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;

/** Health, and the API's description. */
public final class SystemEndpoints {

    private static final String FRONT_PAGE = """
            <!doctype html><html lang="en"><head><meta charset="utf-8"><title>TempoNest</title></head><body><h1>TempoNest</h1>\
            <p>The API is described at <a href="/docs">/docs</a> and, for programs, at <a href="/openapi.json">/openapi.json</a>. \
            Its state is at <a href="/health">/health</a>.</p></body></html>
            """;

    private final Health health;
    private final Buffer openApi;
    private final Buffer docs;

    public SystemEndpoints(Health health, OpenApi openApi) {
        this.health = health;
        this.openApi = Buffer.buffer(openApi.json());
        this.docs = Buffer.buffer(DocsPage.html(openApi));
    }

    public List<Endpoint> all() {
        return List.of(
                Endpoint.get("/", Access.PUBLIC, this::front),
                Endpoint.get("/health", Access.PUBLIC, this::report),
                Endpoint.get("/health/live", Access.PUBLIC, call -> Future.succeededFuture(state(true, "live")))
                        .limited(RouteClass.PROBE),
                Endpoint.get(
                                "/health/ready",
                                Access.PUBLIC,
                                call -> health.ready().map(ready -> state(ready, ready ? "ready" : "not_ready")))
                        .limited(RouteClass.PROBE),
                Endpoint.get(
                        "/openapi.json",
                        Access.PUBLIC,
                        call -> Future.succeededFuture(new Answer.Ready("application/json", openApi, Map.of()))),
                Endpoint.get(
                        "/docs",
                        Access.PUBLIC,
                        call -> Future.succeededFuture(new Answer.Ready(
                                "text/html; charset=utf-8",
                                docs,
                                Map.of("content-security-policy", DocsPage.contentSecurityPolicy())))));
    }

    private record State(String status) {}

    private static Answer state(boolean good, String status) {
        return new Answer.Json(good ? 200 : 503, new State(status), Map.of());
    }

    private Future<Answer> report(Call call) {
        return health.report().map(report -> new Answer.Json(report.up() ? 200 : 503, report, Map.of()));
    }

    private record Front(String name, String docs, String openapi, String health) {}

    private Future<Answer> front(Call call) {
        boolean page = call.header("accept").orElse("").contains("text/html");
        return Future.succeededFuture(
                page
                        ? new Answer.Ready("text/html; charset=utf-8", Buffer.buffer(FRONT_PAGE), Map.of())
                        : Answer.ok(new Front("TempoNest", "/docs", "/openapi.json", "/health")));
    }
}
