package io.temponest.gateway;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.account.AccessChangeStore;
import io.temponest.account.ApiKeyStore;
import io.temponest.account.PasswordRules;
import io.temponest.cache.Caches;
import io.temponest.config.Environment;
import io.temponest.crypto.SecretBox;
import io.temponest.egress.EgressRules;
import io.temponest.gateway.account.Accounts;
import io.temponest.gateway.answers.AnswerCacheConfig;
import io.temponest.gateway.auth.AccessLog;
import io.temponest.gateway.auth.JwtKeys;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Endpoint.Trait;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.gateway.oidc.OidcConfig;
import io.temponest.gateway.oidc.SignInProviders;
import io.temponest.gateway.ops.OpenApi;
import io.temponest.idempotency.IdempotencyStore;
import io.temponest.identity.Ids;
import io.temponest.mail.BoundedMailer;
import io.temponest.mail.MailConfig;
import io.temponest.mail.Mailer;
import io.temponest.model.Aliases;
import io.temponest.model.ModelName;
import io.temponest.model.Models;
import io.temponest.model.ModelsConfig;
import io.temponest.model.relay.ModelSupply;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.http.HttpMethod;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The list of endpoints against their description: neither says what the other does not. */
class ApiTest {

    /** They make nothing that stays: nothing to repeat. Whoever adds one says why. */
    private static final Set<String> POSTS_THAT_CREATE_NOTHING = Set.of(
            "POST /v1/auth/login", // a token, which is not kept
            "POST /v1/auth/refresh",
            "POST /v1/auth/session",
            "POST /v1/auth/register", // nobody's yet, so there is nobody to keep an answer for; an address is taken
            // once
            "POST /v1/invitations/accept",
            "POST /v1/auth/logout", // may be repeated by itself
            "POST /v1/auth/logout-all",
            "POST /v1/auth/password",
            "POST /v1/auth/password-reset",
            "POST /v1/auth/password-reset/confirm",
            "POST /v1/runs/{run}/cancel", // may be repeated by itself
            "POST /v1/runs/{run}/pause", // the same
            "POST /v1/runs/{run}/resume",
            "POST /v1/alerts/{alert}/acknowledge",
            "POST /v1/collections/{collection}/search",
            "POST /v1/chat/completions", // an answer, which is kept for whoever says so in another way
            "POST /v1/responses",
            "POST /v1/messages",
            "POST /v1/messages/count_tokens",
            "POST /v1/embeddings",
            "POST /v1/tokens/count");

    private static final JsonNode DOCUMENT = OpenApi.load().document();

    private static Node node;
    private static Postgres postgres;
    private static ModelSupply supply;
    private static List<Endpoint> endpoints;

    @BeforeAll
    static void listTheEndpoints(@TempDir Path folder) {
        node = Node.start(NodeConfig.read(new Environment(Map.of()))).await();
        postgres = TestDatabase.create().connect(node.vertx());
        SecretBox box = SecretBox.readOrMake(folder);
        Changes changes = new Changes(postgres, new IdempotencyStore(), box, node.metrics());
        Mailer mailer = BoundedMailer.of(
                node.vertx(), node.metrics(), new MailConfig(Optional.empty(), "test@localhost", folder));
        supply = ModelSupply.open(node, ModelsConfig.read(new Environment(Map.of())), postgres, folder)
                .await();
        AccessLog log = new AccessLog(node.vertx(), node.bus(), new AccessChangeStore(postgres), node.metrics());
        endpoints = Stream.concat(
                        Accounts.endpoints(
                                new Accounts.Foundation(postgres, node.bus(), changes, log, mailer),
                                new Accounts.Credentials(
                                        JwtKeys.readOrMake(folder),
                                        PasswordRules.load(),
                                        new ApiKeyStore(postgres, new Ids(), new SecureRandom()),
                                        SignInProviders.of(node.vertx(), OidcConfig.NONE, box, InstantSource.system()),
                                        InstantSource.system()))
                                .stream(),
                        Api.endpoints(
                                node,
                                postgres,
                                new Gateway.ModelAccess(
                                        new Models(
                                                ModelName.parse("temponest/extractive"), () -> Aliases.NONE, List.of()),
                                        supply),
                                new Api.Shared(
                                        changes,
                                        new LongCalls(node.vertx(), 1),
                                        new Caches(node.vertx(), node.bus(), Optional.empty(), node.metrics()),
                                        AnswerCacheConfig.read(new Environment(Map.of())),
                                        box,
                                        EgressRules.read(new Environment(Map.of()))))
                                .stream())
                .toList();
    }

    @AfterAll
    static void close() {
        supply.close().await();
        postgres.close().await();
        node.vertx().close().await();
    }

    private static String name(Endpoint endpoint) {
        return endpoint.method() + " " + endpoint.path();
    }

    private static JsonNode described(Endpoint endpoint) {
        return DOCUMENT.path("paths")
                .path(endpoint.path())
                .path(endpoint.method().name().toLowerCase(Locale.ROOT));
    }

    private static Set<String> parameters(Endpoint endpoint, String in) {
        List<JsonNode> all = new ArrayList<>();
        described(endpoint).path("parameters").forEach(all::add);
        return all.stream()
                .map(parameter -> parameter.has("$ref")
                        ? DOCUMENT.at(parameter.path("$ref").asText().substring(1))
                        : parameter)
                .filter(parameter -> parameter.path("in").asText().equals(in))
                .map(parameter -> parameter.path("name").asText())
                .collect(Collectors.toCollection(TreeSet::new));
    }

    private static Set<String> names(Predicate<Endpoint> which) {
        return endpoints.stream().filter(which).map(ApiTest::name).collect(Collectors.toCollection(TreeSet::new));
    }

    @Test
    void everyEndpointUnderV1IsDescribedAndTheOtherWayRound() {
        Set<String> described = DOCUMENT.path("paths")
                .propertyStream()
                .flatMap(path -> path.getValue()
                        .propertyStream()
                        .filter(operation -> operation.getValue().has("responses"))
                        .map(operation -> operation.getKey().toUpperCase(Locale.ROOT) + " " + path.getKey()))
                .filter(operation -> operation.contains(" /v1/"))
                .collect(Collectors.toCollection(TreeSet::new));

        assertThat(names(endpoint -> endpoint.path().startsWith("/v1/"))).isEqualTo(described);
    }

    @Test
    void whatAnEndpointNeedsIsWhatItsDescriptionSays() {
        for (Endpoint endpoint : endpoints) {
            String needed = endpoint.access() instanceof Access.Needs(var permission) ? permission.toString() : "";
            assertThat(described(endpoint).path("x-permission").asText())
                    .as(name(endpoint))
                    .isEqualTo(needed);
            assertThat(described(endpoint).path("security").isArray())
                    .as(name(endpoint))
                    .isEqualTo(endpoint.access() instanceof Access.Public);
            assertThat(parameters(endpoint, "query")).as(name(endpoint)).isEqualTo(new TreeSet<>(endpoint.query()));
        }
    }

    /** What waits for the cluster's limits has some in each plan, if anybody who is known may ask for it. */
    @Test
    void everyPlanMustLimitTheClassesOfThoseWhoAreKnown() {
        Set<RouteClass> ofThem = EnumSet.noneOf(RouteClass.class);
        endpoints.stream()
                .filter(endpoint -> !(endpoint.access() instanceof Access.Public))
                .map(Endpoint::limits)
                .forEach(ofThem::add);

        assertThat(ofThem.stream().filter(kind -> !kind.open())).isNotEmpty().allMatch(RouteClass::neededInPlans);
    }

    @Test
    void everyPostThatCreatesTakesAnIdempotencyKey() {
        assertThat(names(endpoint -> endpoint.method().equals(HttpMethod.POST)
                        && !endpoint.traits().contains(Trait.CREATES)))
                .isEqualTo(new TreeSet<>(POSTS_THAT_CREATE_NOTHING));
        assertThat(names(endpoint -> parameters(endpoint, "header").contains("Idempotency-Key")))
                .isEqualTo(names(endpoint -> endpoint.traits().contains(Trait.CREATES)));
    }

    /** They lead elsewhere. */
    private static final Set<String> NO_RESOURCES = Set.of("/v1/auth/oidc/{provider}");

    /** A path that ends with a variable names one resource, and so does that of the caller's own tenant. */
    @Test
    void everySingleResourceHasAnEntityTagAndTakesPreconditions() {
        Predicate<Endpoint> single =
                endpoint -> (endpoint.path().endsWith("}") && !NO_RESOURCES.contains(endpoint.path()))
                        || endpoint.path().equals("/v1/tenant");
        Predicate<Endpoint> read = endpoint -> endpoint.method().equals(HttpMethod.GET);
        assertThat(names(endpoint -> endpoint.traits().contains(Trait.SINGLE)))
                .isEqualTo(
                        names(single.and(read.or(endpoint -> endpoint.method().equals(HttpMethod.PATCH)))));
        assertThat(names(endpoint -> parameters(endpoint, "header").contains("If-None-Match")
                        && described(endpoint).path("responses").has("304")))
                .isEqualTo(names(single.and(read)));
        Set<String> readable = StreamSupport.stream(endpoints.spliterator(), false)
                .filter(single.and(read))
                .map(Endpoint::path)
                .collect(Collectors.toSet());
        assertThat(names(endpoint -> parameters(endpoint, "header").contains("If-Match")))
                .isEqualTo(names(endpoint -> readable.contains(endpoint.path())
                        && Set.of(HttpMethod.PATCH, HttpMethod.DELETE).contains(endpoint.method())));
    }
}
