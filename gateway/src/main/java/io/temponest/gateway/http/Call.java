package io.temponest.gateway.http;

import io.temponest.account.OpaqueToken;
import io.temponest.audit.Actor;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.gateway.auth.ConsoleCookie;
import io.temponest.identity.Kind;
import io.temponest.identity.Principal;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.FileUpload;
import io.vertx.ext.web.RoutingContext;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Callable;

/** A request as handlers see it: authenticated, allowed, its body received. */
public final class Call {

    /** Larger bodies are parsed and hashed off the event loop. */
    private static final int LARGE = 128 << 10;

    private final RoutingContext context;
    private final Optional<Principal> principal;
    private final Query query;
    private final Deadline deadline;
    private final Entry entry;

    /** How a request was let in. */
    record Entry(RequestLimits limits, RequestLimits.Admission admission, String requestId, long startedNanos) {}

    Call(RoutingContext context, Optional<Principal> principal, Query query, Deadline deadline, Entry entry) {
        this.context = context;
        this.entry = entry;
        this.principal = principal;
        this.query = query;
        this.deadline = deadline;
    }

    /** Who calls. Not for endpoints that are public. */
    public Principal principal() {
        return principal.orElseThrow();
    }

    public TenantId tenant() {
        return principal().tenant();
    }

    /** Where the request comes from. */
    public Client client() {
        return entry.admission().client();
    }

    /** Who calls, and from where, as the audit log has it. */
    public Actor actor() {
        return new Actor(
                principal.flatMap(Principal::user),
                principal.flatMap(Principal::apiKey),
                Optional.of(client().address()),
                client().userAgent());
    }

    /** The method and the path, as they were sent. */
    public String target() {
        return context.request().method() + " " + context.request().path();
    }

    /** What the client demands of the resource before it is changed. */
    public Preconditions ifMatch() {
        return Preconditions.read(context.request().headers());
    }

    /** Streams and long waits that the tenant may have open on this node. */
    public int mostStreams() {
        return entry.admission().plan().streams();
    }

    /** Holds a request to the limits of the account that it turns out to be about, which is written in one way only. */
    public Future<Void> limitAccount(String account) {
        return entry.limits().account(context, entry.admission(), account);
    }

    /** Holds a request that has its body to the limits on model tokens, where its class has such. */
    Future<Void> limitTokens() {
        return entry.limits().tokens(context, entry.admission(), principal);
    }

    public Query query() {
        return query;
    }

    /** When the client gives up. */
    public Deadline deadline() {
        return deadline;
    }

    /** A part of the path; what could not be stored is the name of nothing. */
    public String path(String name) {
        String text = context.pathParam(name);
        if (!StorableText.is(text)) {
            throw ApiError.notFound(name, text).exception();
        }
        return text;
    }

    /** An id in the path; what is no id of the kind is a resource that does not exist. */
    public TypeId id(Kind kind) {
        String resource = kind.name().toLowerCase(Locale.ROOT);
        String text = path(resource);
        return TypeId.parse(kind, text)
                .orElseThrow(() -> ApiError.notFound(resource, text).exception());
    }

    /** A header's lines. */
    public List<String> headers(String name) {
        return context.request().headers().getAll(name);
    }

    public Optional<String> header(String name) {
        return Optional.ofNullable(context.request().getHeader(name));
    }

    /** The body as it was sent. */
    public Buffer rawBody() {
        return Optional.ofNullable(context.body().buffer()).orElseGet(Buffer::buffer);
    }

    /** The body as a record. */
    public <T extends Record> Future<T> body(Class<T> type) {
        byte[] bytes = rawBody().getBytes();
        return offLoop(bytes.length, () -> JsonBody.read(bytes, type));
    }

    /** Does work over so many bytes here if they are few, else on a worker thread. */
    public <T> Future<T> offLoop(int bytes, Callable<T> work) {
        if (bytes > LARGE) {
            return context.vertx().executeBlocking(work, false);
        }
        try {
            return Future.succeededFuture(work.call());
        } catch (Exception e) {
            return Future.failedFuture(e);
        }
    }

    /** The files of a form; they are deleted when the request has been answered. */
    public List<FileUpload> files() {
        return context.fileUploads();
    }

    /** The names of the other fields of a form. */
    public List<String> formFields() {
        return List.copyOf(context.request().formAttributes().names());
    }

    /** How long the request has been here. */
    public Duration elapsed() {
        return Duration.ofNanos(System.nanoTime() - entry.startedNanos());
    }

    public String requestId() {
        return entry.requestId();
    }

    /** Says, should the answer be a failure, that trying again cannot help. */
    public void noRetry() {
        context.response().putHeader("x-should-retry", "false");
    }

    /** Says, should the answer be a refusal for now, when to come again. */
    public void retryAfter(Duration wait) {
        context.response()
                .putHeader("retry-after", Long.toString(Math.max(1, Math.ceilDiv(wait.toMillis(), 1_000))))
                .putHeader("retry-after-ms", Long.toString(Math.max(1, wait.toMillis())));
    }

    /** Sends a value of {@code Set-Cookie} with the answer, whatever that will be. */
    public void setCookie(String cookie) {
        context.response().headers().add("set-cookie", cookie);
    }

    /** Whether the browser says that the request comes from a page of this server, or no browser says anything. */
    public boolean sameOrigin() {
        return ConsoleCookie.sameOrigin(
                Objects.toString(context.request().authority(), ""),
                context.request().headers());
    }

    /** The console's cookie, where the request was authenticated by it or not by anything else. */
    public Optional<OpaqueToken> consoleCookie() {
        return header("authorization").isPresent() || header("x-api-key").isPresent()
                ? Optional.empty()
                : ConsoleCookie.of(context.request().headers());
    }

    /** Calls back when the request was answered or the client has gone; at once where it is so already. */
    public void whenOver(Runnable action) {
        whenOver(context, action);
    }

    static void whenOver(RoutingContext context, Runnable action) {
        if (over(context)) {
            action.run();
        } else {
            context.addEndHandler(over -> action.run());
        }
    }

    /** Whether a request was answered or its client has gone: nobody calls an end handler that is added now. */
    static boolean over(RoutingContext context) {
        return context.response().ended() || context.response().closed();
    }
}
