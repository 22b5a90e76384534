package io.temponest.gateway.http;

import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.auth.Authenticator;
import io.temponest.identity.Ids;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.json.Json;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpHeaders;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.TimeoutException;

/**
 * The path of a request: id and headers, deadline, authentication, permission, limits, body, handler, answer. Whatever fails on it is
 * answered by {@link Failures}.
 */
public final class Pipeline {

    private static final Duration LONGEST_DEADLINE = Duration.ofMinutes(2);
    private static final String STARTED = "temponest.started";
    private static final String REQUEST_ID = "temponest.request-id";
    private static final String CALL = "temponest.call";
    private static final String WATCH = "temponest.watch";
    static final String ENDPOINT = "temponest.endpoint";
    private static final CharSequence PROCESSING_MS = HttpHeaders.createOptimized("openai-processing-ms");
    private static final CharSequence JSON = HttpHeaders.createOptimized("application/json");

    private final Vertx vertx;
    private final Ids ids;
    private final Authenticator authenticator;
    private final RequestLimits limits;
    private final RequestMetrics metrics;
    private final Bodies bodies;

    /** Who decides whether a request gets in. */
    public record Entrance(Authenticator authenticator, RequestLimits limits) {}

    /**
     * How bodies are received.
     *
     * @param uploads folder for the files of forms, while their request lasts
     * @param patience how long a body may take to arrive
     */
    public record Bodies(Path uploads, Duration patience) {}

    public Pipeline(Vertx vertx, Ids ids, Entrance entrance, RequestMetrics metrics, Bodies bodies) {
        this.vertx = vertx;
        this.ids = ids;
        this.authenticator = entrance.authenticator();
        this.limits = entrance.limits();
        this.metrics = metrics;
        this.bodies = bodies;
    }

    /** A router of its own for one event loop. */
    public Router router(List<Endpoint> endpoints, Connections connections, Cors cors) {
        Router router = Router.router(vertx);
        Map<BodyKind, BodyHandler> readers = new EnumMap<>(BodyKind.class);
        for (BodyKind kind : BodyKind.values()) {
            readers.put(kind, reader(kind));
        }
        Map<String, Map<HttpMethod, Endpoint>> exact = exact(endpoints);
        router.route()
                .handler(context -> {
                    connections.begun(context);
                    begin(context);
                    cors.mark(context.request());
                    if (!Framing.clear(context)) {
                        return;
                    }
                    if (cors.asks(context.request())) {
                        cors.answer(context);
                        return;
                    }
                    Endpoint endpoint = exact.getOrDefault(context.request().path(), Map.of())
                            .get(context.request().method());
                    if (endpoint == null) {
                        context.next();
                    } else {
                        admit(context, endpoint);
                    }
                })
                .handler(context -> admitted(context)
                        .ifPresentOrElse(
                                endpoint -> known(readers, endpoint.body()).handle(context), context::next))
                .handler(context ->
                        admitted(context).ifPresentOrElse(endpoint -> handle(context, endpoint), context::next))
                .failureHandler(this::refuse);
        for (Endpoint endpoint : endpoints) {
            router.route(endpoint.method(), endpoint.routerPath())
                    .handler(context -> admit(context, endpoint))
                    .handler(context -> known(readers, endpoint.body()).handle(context))
                    .handler(context -> handle(context, endpoint))
                    .failureHandler(this::refuse);
        }
        for (int status : List.of(400, 404, 405, 413, 500)) {
            router.errorHandler(status, this::refuse);
        }
        return router;
    }

    /** Endpoints whose paths have no variables are found at once: the routes are asked one after the other, and they are many. */
    private static Map<String, Map<HttpMethod, Endpoint>> exact(List<Endpoint> endpoints) {
        Map<String, Map<HttpMethod, Endpoint>> exact = new HashMap<>();
        endpoints.stream()
                .filter(endpoint -> endpoint.routerPath().equals(endpoint.path()))
                .forEach(endpoint -> exact.computeIfAbsent(endpoint.path(), path -> new HashMap<>())
                        .put(endpoint.method(), endpoint));
        return exact;
    }

    private static Optional<Endpoint> admitted(RoutingContext context) {
        return Optional.ofNullable(context.get(ENDPOINT));
    }

    private static BodyHandler known(Map<BodyKind, BodyHandler> readers, BodyKind kind) {
        return Objects.requireNonNull(readers.get(kind), kind.name());
    }

    private BodyHandler reader(BodyKind kind) {
        BodyHandler handler =
                kind == BodyKind.FILES ? BodyHandler.create(bodies.uploads().toString()) : BodyHandler.create(false);
        return handler.setBodyLimit(kind.limit()).setMergeFormAttributes(false).setDeleteUploadedFilesOnEnd(true);
    }

    private void begin(RoutingContext context) {
        long started = System.nanoTime();
        String requestId = Headers.requestId(context.request(), ids);
        context.put(STARTED, started).put(REQUEST_ID, requestId);
        Headers.secure(context.request(), requestId);
        metrics.begun();
        context.addHeadersEndHandler(head ->
                context.response().putHeader(PROCESSING_MS, Long.toString((System.nanoTime() - started) / 1_000_000)));
        context.addEndHandler(over -> {
            metrics.ended(admitted(context), context.response().getStatusCode(), System.nanoTime() - started);
        });
    }

    private void refuse(RoutingContext context) {
        Failures.answer(context, requestId(context));
    }

    private static String requestId(RoutingContext context) {
        return context.get(REQUEST_ID, "");
    }

    /** Everything that can be refused before the body is read. */
    private void admit(RoutingContext context, Endpoint endpoint) {
        context.put(ENDPOINT, endpoint);
        HttpServerRequest request = context.request();
        request.pause();
        Deadline deadline = deadline(request, endpoint);
        Query query = query(context, endpoint);
        checkContentType(request, endpoint.body());
        Preconditions.read(request.headers());
        Future<Call> entered = principal(context, endpoint.access())
                .compose(known -> limits.admit(context, endpoint.limits(), known)
                        // Counted before it is refused: whoever may not do a thing may not ask for it without end
                        // either.
                        .compose(admission -> allowed(known, endpoint.access())
                                .map(may -> new Call(
                                        context,
                                        known,
                                        query,
                                        deadline,
                                        new Call.Entry(limits, admission, requestId(context), context.get(STARTED))))));
        inTime(entered, deadline).onComplete(let -> {
            if (Call.over(context)) {
                return;
            }
            if (let.failed()) {
                context.fail(let.cause());
                return;
            }
            context.put(CALL, let.result());
            context.put(WATCH, new Watch(vertx, context, bodies.patience(), deadline));
            if (endpoint.body() == BodyKind.FILES) {
                // The reader of bodies itself forgets its files when the client goes away before it is answered.
                context.addEndHandler(over -> context.cancelAndCleanupFileUploads());
            }
            context.next();
        });
    }

    private static Query query(RoutingContext context, Endpoint endpoint) {
        return endpoint.traits().contains(Endpoint.Trait.FURTHER_PARAMETERS)
                ? Query.open(context.queryParams())
                : new Query(context.queryParams(), endpoint.query());
    }

    private static Deadline deadline(HttpServerRequest request, Endpoint endpoint) {
        String given = request.getHeader("x-request-timeout-ms");
        if (given == null) {
            return Deadline.after(endpoint.patience());
        }
        try {
            long millis = Long.parseLong(given.strip());
            if (millis > 0) {
                return Deadline.after(Duration.ofMillis(Math.min(millis, LONGEST_DEADLINE.toMillis())));
            }
        } catch (NumberFormatException e) {
            // refused below, as a number out of range is
        }
        throw ApiError.invalid(
                        "x-request-timeout-ms",
                        "invalid_header",
                        "'x-request-timeout-ms' must be a positive whole number of milliseconds.")
                .exception();
    }

    private static void checkContentType(HttpServerRequest request, BodyKind body) {
        String given = request.getHeader("content-type");
        if (body == BodyKind.NONE || (given == null && body.json())) {
            return;
        }
        String wanted = body.json() ? "application/json" : "multipart/form-data";
        if (wanted.equals(given)) {
            return;
        }
        String type = given == null ? "" : given.split(";", 2)[0].strip().toLowerCase(Locale.ROOT);
        if (!type.equals(wanted)) {
            throw ApiError.of(
                            ErrorType.UNSUPPORTED_MEDIA_TYPE_ERROR,
                            "unsupported_content_type",
                            "The body must be %s.".formatted(wanted))
                    .exception();
        }
    }

    private Future<Optional<Principal>> principal(RoutingContext context, Access access) {
        if (access instanceof Access.Public) {
            return Future.succeededFuture(Optional.empty());
        }
        RequestLimits.Entrant entrant = limits.entrant(context);
        return entrant.counted(authenticator.authenticate(context.request(), entrant))
                .map(Optional::of);
    }

    private static Future<Void> allowed(Optional<Principal> principal, Access access) {
        return switch (access) {
            case Access.Public any -> Future.succeededFuture();
            case Access.Self self -> Future.succeededFuture();
            case Access.Needs(Permission permission) ->
                principal.filter(by -> by.may(permission)).isPresent()
                        ? Future.succeededFuture()
                        : Future.failedFuture(ApiError.of(
                                        ErrorType.PERMISSION_ERROR,
                                        "permission_missing",
                                        "This needs the permission %s.".formatted(permission))
                                .exception());
        };
    }

    private void handle(RoutingContext context, Endpoint endpoint) {
        if (Call.over(context)) {
            // Its body came too late, and that was said.
            return;
        }
        Watch watch = context.get(WATCH);
        watch.received();
        if (!context.request().isEnded()) {
            context.request().resume();
        }
        Call call = context.get(CALL);
        boolean counted = endpoint.traits().contains(Endpoint.Trait.TOKENS);
        Future<Answer> answer = (counted ? call.limitTokens() : Future.<Void>succeededFuture())
                .compose(within -> endpoint.handler().handle(call));
        answer.onComplete(done -> {
            watch.stop();
            // An answer that came too late has been given up.
            if (Call.over(context)) {
                return;
            }
            if (done.failed()) {
                context.fail(done.cause());
            } else {
                send(context, endpoint, done.result());
            }
        });
    }

    /** Like {@link Future#timeout}, which may fail on a thread that is not the connection's. */
    private <T> Future<T> inTime(Future<T> answer, Deadline deadline) {
        if (answer.isComplete()) {
            return answer;
        }
        Promise<T> first = Promise.promise();
        long timer = vertx.setTimer(
                deadline.remainingMillis(), late -> first.tryFail(new TimeoutException("the deadline has passed")));
        answer.onComplete(done -> {
            vertx.cancelTimer(timer);
            if (done.succeeded()) {
                first.tryComplete(done.result());
            } else {
                first.tryFail(done.cause());
            }
        });
        return first.future();
    }

    private void send(RoutingContext context, Endpoint endpoint, Answer answer) {
        HttpServerResponse response = context.response();
        switch (answer) {
            case Answer.Json(int status, Object body, var headers) -> {
                Buffer json = Buffer.buffer(Json.text(body));
                if (endpoint.traits().contains(Endpoint.Trait.SINGLE) && Singles.refusedOrKnown(context, json)) {
                    return;
                }
                headers.forEach(response::putHeader);
                response.setStatusCode(status)
                        .putHeader(HttpHeaders.CONTENT_TYPE, JSON)
                        .end(json);
            }
            case Answer.Ready(String type, Buffer body, var headers) -> {
                headers.forEach(response::putHeader);
                response.putHeader(HttpHeaders.CONTENT_TYPE, type).end(body);
            }
            case Answer.Kept(int status, var headers, var body) -> {
                headers.forEach(response::putHeader);
                response.setStatusCode(status).end(body.orElseGet(Buffer::buffer));
            }
            case Answer.SeeOther(String location, var cookies) -> {
                cookies.forEach(cookie -> response.headers().add("set-cookie", cookie));
                response.setStatusCode(303).putHeader("location", location).end();
            }
            case Answer.Empty() -> response.setStatusCode(204).end();
            case Answer.Events(var headers, var source) -> {
                headers.forEach(response::putHeader);
                response.setChunked(true)
                        .putHeader("content-type", "text/event-stream")
                        .putHeader("x-accel-buffering", "no")
                        .writeHead();
                source.accept(new SseStream(vertx, response));
            }
            case Answer.Download(String type, var headers, var source) -> {
                headers.forEach(response::putHeader);
                response.setChunked(true).putHeader("content-type", type).writeHead();
                source.accept(new BodyStream(vertx, response, () -> {}));
            }
        }
    }
}
