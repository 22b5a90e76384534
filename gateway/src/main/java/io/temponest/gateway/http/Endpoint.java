package io.temponest.gateway.http;

import io.temponest.gateway.limit.RouteClass;
import io.vertx.core.Future;
import io.vertx.core.http.HttpMethod;
import java.time.Duration;
import java.util.EnumSet;
import java.util.Objects;
import java.util.Set;
import java.util.regex.Pattern;

/**
 * One operation of the API. There is none without a word on who may call it.
 *
 * @param path as in the OpenAPI document, such as {@code /v1/runs/{run}}
 * @param query names of the query parameters that it understands; any other is refused, or
 *     passed over with {@link Trait#FURTHER_PARAMETERS}
 * @param patience how long a request may take whose client does not say
 * @param traits what else its answers have in common with others'
 * @param limits whose limits hold; by default those of the method, or of the public
 */
public record Endpoint(
        HttpMethod method,
        String path,
        Access access,
        BodyKind body,
        Set<String> query,
        Duration patience,
        Set<Trait> traits,
        RouteClass limits,
        Handler handler) {

    /** What an endpoint may promise besides. */
    public enum Trait {
        /** It answers one resource as it is, so its answers have an entity tag. */
        SINGLE,
        /** It makes something, and makes it once for one Idempotency-Key. */
        CREATES,
        /** It takes query parameters that it does not understand: others have a say in its address. */
        FURTHER_PARAMETERS,
        /** Its body goes to a model: limits on model tokens hold. */
        TOKENS,
        /** Its failures have the form of Anthropic's API. */
        ANTHROPIC
    }

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
        traits = Set.copyOf(traits);
    }

    public static Endpoint get(String path, Access access, Handler handler) {
        return of(HttpMethod.GET, path, access, BodyKind.NONE, handler);
    }

    public static Endpoint delete(String path, Access access, Handler handler) {
        return of(HttpMethod.DELETE, path, access, BodyKind.NONE, handler);
    }

    public static Endpoint post(String path, Access access, BodyKind body, Handler handler) {
        return of(HttpMethod.POST, path, access, body, handler);
    }

    public static Endpoint patch(String path, Access access, Handler handler) {
        return of(HttpMethod.PATCH, path, access, BodyKind.JSON, handler);
    }

    private static Endpoint of(HttpMethod method, String path, Access access, BodyKind body, Handler handler) {
        RouteClass byMethod = method.equals(HttpMethod.GET) ? RouteClass.READ : RouteClass.WRITE;
        RouteClass limits = access instanceof Access.Public ? RouteClass.PUBLIC : byMethod;
        return new Endpoint(method, path, access, body, Set.of(), PATIENCE, Set.of(), limits, handler);
    }

    /** The same with query parameters. */
    public Endpoint with(Set<String> parameters) {
        return new Endpoint(method, path, access, body, parameters, patience, traits, limits, handler);
    }

    /** The same under the limits of another class. */
    public Endpoint limited(RouteClass kind) {
        return new Endpoint(method, path, access, body, query, patience, traits, kind, handler);
    }

    /** The same where the client may ask to wait for a run, up to {@link #LONGEST_WAIT}. */
    public Endpoint waiting() {
        return new Endpoint(method, path, access, body, query, LONGEST_WAIT.plus(PATIENCE), traits, limits, handler);
    }

    /** The same where it may take this long. */
    public Endpoint lasting(Duration longest) {
        return new Endpoint(method, path, access, body, query, longest, traits, limits, handler);
    }

    /** The same where its body goes to a model, see {@link Trait#TOKENS}. */
    public Endpoint spendingTokens() {
        return having(Trait.TOKENS);
    }

    /** The same with failures in the form of Anthropic's API. */
    public Endpoint anthropic() {
        return having(Trait.ANTHROPIC);
    }

    /** The same where it answers one resource, see {@link Trait#SINGLE}. */
    public Endpoint single() {
        return having(Trait.SINGLE);
    }

    /** The same where it makes something, see {@link Trait#CREATES}; its handler takes the way over {@code Changes#create}. */
    public Endpoint creating() {
        return having(Trait.CREATES);
    }

    /** The same where it does not refuse query parameters that it does not understand. */
    public Endpoint andAnyFurther() {
        return having(Trait.FURTHER_PARAMETERS);
    }

    private Endpoint having(Trait trait) {
        Set<Trait> all = EnumSet.of(trait);
        all.addAll(traits);
        return new Endpoint(method, path, access, body, query, patience, all, limits, handler);
    }

    /** What the paths of its requests match, compiled anew. */
    Pattern pathPattern() {
        return Pattern.compile(VARIABLE.matcher(path.replace(".", "\\.")).replaceAll("[^/]+"));
    }

    /** The path as the router wants it. */
    String routerPath() {
        return VARIABLE.matcher(path).replaceAll(":$1");
    }
}
