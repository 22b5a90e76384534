package io.temponest.cli;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.json.JsonWriteFeature;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.ApiDescription.Operation;
import io.temponest.json.Json;
import java.io.UncheckedIOException;
import java.net.http.HttpRequest.BodyPublishers;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * Every field of a request's body that takes a text: what becomes of texts that nobody means well by, and the rest of the body
 * around them.
 *
 * @param things what stands for a path's variable
 * @param person one who has signed in, for what API keys may not do
 */
record TextFields(TestServer server, ApiDescription description, Map<String, String> things, ApiCaller person) {

    /** What has the fate of a hostile text: it is no slug, no id, no name of anything, and a name that anything can have. */
    static final String HARMLESS = "A harmless Text";

    private static final Pattern VARIABLE = Pattern.compile("\\{(\\w+)}");
    private static final AtomicInteger COUNT = new AtomicInteger();

    TextFields {
        things = Map.copyOf(things);
    }

    /** What becomes of a text. */
    sealed interface Fate {

        /**
         * The answer has it at a place of its JSON, and so has what is read at the answer's location, if it has one.
         *
         * @param oneLine whether a text of several lines is refused instead
         */
        record Kept(int status, String pointer, boolean oneLine) implements Fate {

            Kept(int status, String pointer) {
                this(status, pointer, false);
            }

            boolean refuses(String text) {
                return oneLine && text.codePoints().anyMatch(Character::isISOControl);
            }
        }

        /** A status and a code; a 400 names the field. */
        record Refused(int status, String code) implements Fate {}

        /** It is not kept. */
        record Used() implements Fate {}

        /** It is a secret, or needs one: it has a test of its own. */
        record Secret() implements Fate {}
    }

    /** What can be counted in two ways. */
    private static final Map<String, Object> TEXT = Map.of("model", "m", "text", "x");

    /** That hears of nothing which tests do. */
    private static final Map<String, Object> WEBHOOK =
            Map.of("name", "w", "url", "https://hooks.invalid/", "events", List.of("run.dead"));

    private static final Map<String, Object> MESSAGES =
            Map.of("model", "m", "messages", List.of(Map.of("role", "user", "content", "x")));

    private static final Fate INVALID = new Fate.Refused(400, "invalid_value");
    private static final Fate WRONG = new Fate.Refused(401, "credentials_invalid");
    private static final Fate SPENT = new Fate.Refused(400, "token_invalid");
    private static final Fate NO_MODEL = new Fate.Refused(400, "model_invalid");
    private static final Fate STALE = new Fate.Refused(412, "revision_stale");
    private static final Fate USED = new Fate.Used();
    private static final Fate SECRET = new Fate.Secret();

    private static final Map<String, Fate> FATES = Map.ofEntries(
            Map.entry("POST /v1/auth/login email", WRONG),
            Map.entry("POST /v1/auth/login password", WRONG),
            Map.entry("POST /v1/auth/session email", WRONG),
            Map.entry("POST /v1/auth/session password", WRONG),
            Map.entry("POST /v1/auth/register email", INVALID),
            Map.entry("POST /v1/auth/register password", SECRET),
            Map.entry("POST /v1/auth/register full_name", new Fate.Kept(201, "/user/full_name", true)),
            Map.entry("POST /v1/auth/register tenant_name", new Fate.Kept(201, "/tenant/name", true)),
            Map.entry("POST /v1/auth/refresh refresh_token", new Fate.Refused(401, "refresh_token_invalid")),
            Map.entry("POST /v1/auth/password old_password", new Fate.Refused(400, "password_wrong")),
            Map.entry("POST /v1/auth/password new_password", SECRET),
            Map.entry("POST /v1/auth/password-reset email", INVALID),
            Map.entry("POST /v1/auth/password-reset/confirm token", SPENT),
            Map.entry("POST /v1/auth/password-reset/confirm password", SECRET),
            Map.entry("POST /v1/api-keys name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/api-keys scopes[]", INVALID),
            Map.entry("PATCH /v1/tenant name", new Fate.Kept(200, "/name", true)),
            Map.entry("PATCH /v1/tenant settings.timezone", INVALID),
            Map.entry("PATCH /v1/users/{user} full_name", new Fate.Kept(200, "/full_name", true)),
            Map.entry("PATCH /v1/users/{user} roles[]", INVALID),
            Map.entry("POST /v1/roles name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/roles description", new Fate.Kept(201, "/description")),
            Map.entry("POST /v1/roles permissions[]", INVALID),
            Map.entry("PATCH /v1/roles/{role} name", new Fate.Kept(200, "/name")),
            Map.entry("PATCH /v1/roles/{role} description", new Fate.Kept(200, "/description")),
            Map.entry("PATCH /v1/roles/{role} permissions[]", INVALID),
            Map.entry("POST /v1/invitations email", INVALID),
            Map.entry("POST /v1/invitations roles[]", INVALID),
            Map.entry("POST /v1/invitations/accept token", SPENT),
            Map.entry("POST /v1/invitations/accept password", SECRET),
            Map.entry("POST /v1/invitations/accept full_name", SECRET),
            Map.entry("POST /v1/agents slug", INVALID),
            Map.entry("POST /v1/agents name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/agents description", new Fate.Kept(201, "/description")),
            Map.entry("POST /v1/agents instructions", new Fate.Kept(201, "/instructions")),
            Map.entry("POST /v1/agents model", NO_MODEL),
            Map.entry("POST /v1/agents collections[]", INVALID),
            Map.entry("POST /v1/agents tools[].name", INVALID),
            Map.entry("PATCH /v1/agents/{agent} tools[].name", INVALID),
            Map.entry("POST /v1/runs/{run}/fork model", NO_MODEL),
            Map.entry("POST /v1/approvals/{approval}/approve arguments_sha256", INVALID),
            Map.entry("POST /v1/approvals/{approval}/approve comment", STALE),
            Map.entry("POST /v1/approvals/{approval}/reject arguments_sha256", INVALID),
            Map.entry("POST /v1/approvals/{approval}/reject reason", STALE),
            Map.entry("POST /v1/approvals/{approval}/answer comment", STALE),
            Map.entry("PATCH /v1/agents/{agent} slug", INVALID),
            Map.entry("PATCH /v1/agents/{agent} name", new Fate.Kept(200, "/name")),
            Map.entry("PATCH /v1/agents/{agent} description", new Fate.Kept(200, "/description")),
            Map.entry("PATCH /v1/agents/{agent} instructions", new Fate.Kept(200, "/instructions")),
            Map.entry("PATCH /v1/agents/{agent} model", NO_MODEL),
            Map.entry("PATCH /v1/agents/{agent} collections[]", INVALID),
            Map.entry("POST /v1/agents/{agent}/runs input", new Fate.Kept(200, "/input/0/content")),
            Map.entry("POST /v1/agents/{agent}/runs input[].content", new Fate.Kept(200, "/input/0/content")),
            Map.entry("POST /v1/agents/{agent}/runs collections[]", INVALID),
            Map.entry("POST /v1/agents/{agent}/runs model", NO_MODEL),
            Map.entry("POST /v1/agents/{agent}/runs project", new Fate.Refused(400, "project_not_found")),
            Map.entry("POST /v1/projects slug", INVALID),
            Map.entry("POST /v1/projects name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/projects description", new Fate.Kept(201, "/description")),
            Map.entry("POST /v1/collections name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/collections description", new Fate.Kept(201, "/description")),
            Map.entry("POST /v1/collections/{collection}/search query", USED),
            Map.entry("POST /v1/budgets scope_id", INVALID),
            Map.entry("POST /v1/budgets limit_usd", INVALID),
            Map.entry("PATCH /v1/budgets/{budget} limit_usd", INVALID),
            Map.entry("POST /v1/prices model", NO_MODEL),
            Map.entry("POST /v1/prices effective_from", INVALID),
            Map.entry("POST /v1/prices input_per_million_usd", INVALID),
            Map.entry("POST /v1/prices cached_input_per_million_usd", INVALID),
            Map.entry("POST /v1/prices output_per_million_usd", INVALID),
            Map.entry("POST /v1/webhooks name", new Fate.Kept(201, "/name")),
            Map.entry("POST /v1/webhooks description", new Fate.Kept(201, "/description")),
            Map.entry("POST /v1/webhooks url", INVALID),
            Map.entry("POST /v1/webhooks events[]", INVALID),
            Map.entry("PATCH /v1/webhooks/{webhook} name", new Fate.Kept(200, "/name")),
            Map.entry("PATCH /v1/webhooks/{webhook} description", new Fate.Kept(200, "/description")),
            Map.entry("PATCH /v1/webhooks/{webhook} url", INVALID),
            Map.entry("PATCH /v1/webhooks/{webhook} events[]", INVALID),
            Map.entry("POST /v1/tokens/count model", USED),
            Map.entry("POST /v1/tokens/count text", USED),
            Map.entry("POST /v1/tokens/count messages[].role", USED),
            Map.entry("POST /v1/tokens/count messages[].name", USED),
            Map.entry("POST /v1/tokens/count messages[].tool_call_id", USED),
            Map.entry("POST /v1/tokens/count messages[].content", USED));

    /** One field of one operation's body; {@code []} stands for an item of an array. */
    record Field(Operation operation, String path) {

        Fate fate() {
            return Optional.ofNullable(FATES.get(toString()))
                    .orElseThrow(() -> new AssertionError("this test does not know the field " + this));
        }

        /** A text to send; the name of a role is one that no other field finds a role by. */
        String text(String given) {
            return operation.path().startsWith("/v1/roles") && path.equals("name") ? operation.method() + given : given;
        }

        /** As a refusal calls the field. */
        String param() {
            return path.replaceAll("\\[]$", "").replace("[]", "[0]");
        }

        /** As a refusal calls the very text. */
        String place() {
            return path.replace("[]", "[0]");
        }

        @Override
        public String toString() {
            return operation + " " + path;
        }
    }

    /** Of a server that has what requests name. */
    static TextFields at(TestServer server) {
        ApiCaller api = server.admin();
        AdminFile admin = TestServer.adminFile(server.dataDir());
        String run = api.post(
                        "/v1/agents/developer/runs",
                        Map.of("input", "Who?", "model", "temponest/extractive", "wait", 25))
                .json()
                .path("id")
                .asText();
        Map<String, String> things = Map.of(
                "run", run,
                "approval", ForeignTenantTest.approval(server, run),
                "user", api.get("/v1/users").json().at("/data/0/id").asText(),
                "role",
                        api.post("/v1/roles", Map.of("name", "of texts", "permissions", List.of()))
                                .json()
                                .path("id")
                                .asText(),
                "agent", "developer",
                "collection",
                        api.post("/v1/collections", Map.of("name", "of texts"))
                                .json()
                                .path("id")
                                .asText(),
                "budget",
                        api.post("/v1/budgets", budget(COUNT.incrementAndGet()))
                                .json()
                                .path("id")
                                .asText(),
                "webhook", api.post("/v1/webhooks", WEBHOOK).json().path("id").asText());
        String token = api.as("")
                .post("/v1/auth/login", Map.of("email", admin.email(), "password", admin.password()))
                .json()
                .path("access_token")
                .asText();
        return new TextFields(server, ApiDescription.of(api), things, api.as(token));
    }

    private static Map<String, Object> budget(int limit) {
        return Map.of("scope", "tenant", "period", "total", "limit_usd", Integer.toString(limit), "hard", false);
    }

    Stream<Field> all() {
        return description
                .operations()
                .flatMap(operation ->
                        description.textFields(operation).stream().map(path -> new Field(operation, path)));
    }

    /** Makes a request that is in order but for one text. */
    Answer send(Field field, String text) {
        ObjectNode body = body(field.operation(), field.path().startsWith("messages") ? MESSAGES : TEXT);
        put(body, List.of(field.path().split("\\.")), text);
        if (field.operation().path().endsWith("/runs")) {
            server.provider().forget();
            server.provider().willSay("Nothing is known of that.");
        }
        return send(field.operation(), body);
    }

    /** Makes a request with a body, as one who may. */
    Answer send(Operation operation, ObjectNode body) {
        return caller(operation)
                .send(
                        operation.method(),
                        path(operation),
                        BodyPublishers.ofString(escaped(body)),
                        Map.of("Content-Type", "application/json"));
    }

    /** An operation's path, which leads to something where the server has it. */
    String path(Operation operation) {
        return VARIABLE.matcher(operation.path())
                .replaceAll(variable -> things.getOrDefault(variable.group(1), "none"));
    }

    /** In ASCII: half a surrogate pair gets through as an escape alone. */
    private static String escaped(ObjectNode body) {
        try {
            return Json.STRICT.writer().with(JsonWriteFeature.ESCAPE_NON_ASCII).writeValueAsString(body);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    private ApiCaller caller(Operation operation) {
        if (operation.open()) {
            return server.admin().as("");
        }
        return operation.path().startsWith("/v1/auth/") ? person : server.admin();
    }

    /** The rest of a body, which is in order, with nothing in it that another one has. */
    ObjectNode body(Operation operation) {
        return body(operation, TEXT);
    }

    private static ObjectNode body(Operation operation, Map<String, Object> counted) {
        Map<String, Object> body = switch (operation.toString()) {
            case "POST /v1/auth/login", "POST /v1/auth/session" ->
                Map.of("email", "nobody@skerry.example", "password", People.OTHER);
            case "POST /v1/auth/register" ->
                Map.of(
                        "email",
                        People.address(),
                        "password",
                        People.PASSWORD,
                        "full_name",
                        "Marta",
                        "tenant_name",
                        "Skerry");
            case "POST /v1/auth/password" -> Map.of("old_password", "wrong", "new_password", People.OTHER);
            case "POST /v1/auth/password-reset/confirm" -> Map.of("token", "none", "password", People.OTHER);
            case "POST /v1/invitations/accept" ->
                Map.of("token", "none", "password", People.OTHER, "full_name", "Marta");
            case "POST /v1/invitations" -> Map.of("email", People.address(), "roles", List.of("viewer"));
            case "POST /v1/api-keys" -> Map.of("name", "k", "scopes", List.of("runs:read"));
            case "POST /v1/roles" -> Map.of("name", "r" + COUNT.incrementAndGet(), "permissions", List.of());
            case "POST /v1/agents" ->
                Map.of("slug", "a" + COUNT.incrementAndGet(), "name", "A", "instructions", "Say nothing.");
            case "POST /v1/agents/{agent}/runs" -> Map.of("input", "Who?", "model", "fake/parrot", "wait", 25);
            case "POST /v1/runs/{run}/fork" -> Map.of("step", 999);
            case "POST /v1/approvals/{approval}/approve" -> Map.of("revision", 999);
            case "POST /v1/approvals/{approval}/reject" -> Map.of("revision", 999, "reason", "No.");
            case "POST /v1/approvals/{approval}/answer" -> Map.of("revision", 999, "answer", "happened");
            case "POST /v1/approvals/{approval}/edit" -> Map.of("revision", 999, "arguments", Map.of());
            case "POST /v1/projects" -> Map.of("slug", "p" + COUNT.incrementAndGet(), "name", "P");
            case "POST /v1/collections" -> Map.of("name", "c" + COUNT.incrementAndGet());
            case "POST /v1/budgets" -> budget(COUNT.incrementAndGet());
            case "POST /v1/webhooks" -> WEBHOOK;
            case "PATCH /v1/budgets/{budget}" -> Map.of("hard", false);
            case "POST /v1/prices" ->
                Map.of("model", "any/model", "input_per_million_usd", "1", "output_per_million_usd", "1");
            case "POST /v1/tokens/count" -> counted;
            case "POST /v1/auth/refresh" -> Map.of("refresh_token", "none");
            case "POST /v1/auth/password-reset" -> Map.of("email", "nobody@skerry.example");
            case "POST /v1/collections/{collection}/search" -> Map.of("query", "lamp");
            case "PATCH /v1/roles/{role}" -> Map.of("description", "d");
            default -> Map.of();
        };
        return Json.STRICT.valueToTree(body);
    }

    /** Puts a text where a path leads, through what is there and what has to be made. */
    private static void put(ObjectNode into, List<String> path, String text) {
        String name = path.getFirst().replace("[]", "");
        boolean list = path.getFirst().endsWith("[]");
        if (path.size() == 1) {
            if (list) {
                into.putArray(name).add(text);
            } else {
                into.put(name, text);
            }
            return;
        }
        JsonNode there = into.path(name);
        ObjectNode next =
                list ? item(there.isArray() ? (ArrayNode) there : into.putArray(name)) : into.withObject("/" + name);
        if (list && name.equals("input")) {
            next.put("role", "user");
        }
        put(next, path.subList(1, path.size()), text);
    }

    private static ObjectNode item(ArrayNode list) {
        return list.isEmpty() ? list.addObject() : (ObjectNode) list.get(0);
    }
}
