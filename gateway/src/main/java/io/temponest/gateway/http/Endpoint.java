package io.temponest.gateway.http;

import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One operation of the API. There is none without a word on who may call it.
 *
 * @param path as in the OpenAPI document, such as {@code /v1/runs/{run}}
 * @param query names of the query parameters that it understands; any other is refused
 * @param patience how long a request may take whose client does not say
 */
public record Endpoint(
        HttpMethod method,
        String path,
        Access access,
        BodyKind body,
        Set<String> query,
        Duration patience,
        Handler handler) {

    /** How long a client may ask to wait for a run. */
    public static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

    private static final Duration PATIENCE = Duration.ofSeconds(30);
    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");

    /** What an endpoint does; a failure that is an {@link io.temponest.error.ApiException} is its answer. */
    public interface Handler {
        Future<Answer> handle(Call call);
    }

    public Endpoint {
        Objects.requireNonNull(access, "access");
        query = Set.copyOf(query);
    }

    public static Endpoint get(String path, Access access, Handler handler) {
        return new Endpoint(HttpMethod.GET, path, access, BodyKind.NONE, Set.of(), PATIENCE, handler);
    }

    public static Endpoint delete(String path, Access access, Handler handler) {
        return new Endpoint(HttpMethod.DELETE, path, access, BodyKind.NONE, Set.of(), PATIENCE, handler);
    }

    public static Endpoint post(String path, Access access, BodyKind body, Handler handler) {
        return new Endpoint(HttpMethod.POST, path, access, body, Set.of(), PATIENCE, handler);
    }

    public static Endpoint patch(String path, Access access, Handler handler) {
        return new Endpoint(HttpMethod.PATCH, path, access, BodyKind.JSON, Set.of(), PATIENCE, handler);
    }

    /** The same with query parameters. */
    public Endpoint with(Set<String> parameters) {
        return new Endpoint(method, path, access, body, parameters, patience, handler);
    }

    /** The same where the client may ask to wait for a run, up to {@link #LONGEST_WAIT}. */
    public Endpoint waiting() {
        return new Endpoint(method, path, access, body, query, LONGEST_WAIT.plus(PATIENCE), handler);
    }

    /** The path as the router wants it. */
    String routerPath() {
        return VARIABLE.matcher(path).replaceAll(":$1");
    }
}
