package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.cli.ApiCaller.Events;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Tag;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What clients see of a model behind an OpenAI-compatible server. */
@Tag("alone")
class StreamedModelTest {

    @TempDir
    private static Path folder;

    private static TestServer server;
    private static ApiCaller api;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        api = server.admin();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @BeforeEach
    void forgetOtherTests() {
        server.provider().forget();
    }

    /** The server holds the second piece back until the client has the first: it cannot have waited for the whole. */
    @Test
    void textArrivesWhileTheModelIsStillWriting() {
        CompletableFuture<Void> firstSeen = new CompletableFuture<>();
        server.provider()
                .will(
                        new Act.Say("The keeper"),
                        new Act.Hold(firstSeen),
                        new Act.Say(" is Marta."),
                        new Act.Finish(42, 7));
        String run = TestServer.start(api, "Who is the keeper?", List.of());

        try (Events events = api.events(run, Optional.empty())) {
            JsonNode first = events.next("delta");
            assertThat(first.path("text").asText()).isEqualTo("The keeper");
            firstSeen.complete(null);
            JsonNode second = events.next("delta");
            assertThat(second.path("offset").asInt()).isEqualTo(10);
            assertThat(second.path("text").asText()).isEqualTo(" is Marta.");
        }
        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).isEqualTo("succeeded");
        assertThat(ended.path("output").asText()).isEqualTo("The keeper is Marta.");
        assertThat(ended.at("/usage/input_tokens").asInt()).isEqualTo(42);
        assertThat(ended.at("/usage/output_tokens").asInt()).isEqualTo(7);
        Asked asked = server.provider().next();
        assertThat(asked.headers().get("Authorization")).isEqualTo("Bearer sk-fake");
        assertThat(asked.body().path("model").asText()).isEqualTo("parrot");
        assertThat(asked.body()
                        .path("messages")
                        .valueStream()
                        .toList()
                        .getLast()
                        .path("content")
                        .asText())
                .contains("Who is the keeper?");
    }

    @Test
    void aStreamThatBreaksOffFailsTheRunWithATypedErrorAndIsNotAskedAgain() {
        server.provider().will(new Act.Say("The kee"), new Act.Cut());
        String run = TestServer.start(api, "Who is the keeper?", List.of());

        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).isEqualTo("failed");
        assertThat(ended.at("/error/type").asText()).isEqualTo("upstream_error");
        assertThat(TestServer.code(ended)).isEqualTo("provider_stream_broken");
        assertThat(ended.has("output")).isFalse();
        assertThat(server.provider().unseen()).isEqualTo(1);
    }

    @Test
    void aProviderThatFailsBeforeItsFirstTokenIsAskedAgain() {
        server.provider().will(new Act.Refuse(503, "warming up"));
        server.provider().willSay("Now.");
        String run = TestServer.start(api, "When?", List.of());

        JsonNode ended = api.ended(run);
        assertThat(ended.path("output").asText()).isEqualTo("Now.");
        assertThat(TestServer.kinds(api, run)).containsExactly("retrieval", "llm");
        assertThat(server.provider().unseen()).isEqualTo(2);
    }

    /** Five failures open the circuit for ten seconds, in the middle of the second run. */
    @Test
    void aRunWaitsForAProviderThatIsNotAskedForAWhile() {
        for (int i = 0; i < 5; i++) {
            server.provider().will(new Act.Refuse(503, "down"));
        }
        server.provider().willSay("Back.");
        JsonNode first = api.ended(TestServer.start(api, "When?", List.of()));
        JsonNode second = api.ended(TestServer.start(api, "And now?", List.of()));

        assertThat(first.path("status").asText()).as(first.toString()).isEqualTo("failed");
        assertThat(second.path("output").asText()).as(second.toString()).isEqualTo("Back.");
        assertThat(server.provider().unseen()).isEqualTo(6);
    }

    @Test
    void aRefusalSaysWhatTheProviderSaidAndIsNotTriedAgain() {
        server.provider().will(new Act.Refuse(404, "no such parrot"));
        String run = TestServer.start(api, "Who?", List.of());

        JsonNode ended = api.ended(run);
        assertThat(TestServer.code(ended)).isEqualTo("provider_rejected");
        assertThat(ended.at("/error/message").asText()).contains("no such parrot");
        assertThat(server.provider().unseen()).isEqualTo(1);
    }

    /** Measured from the request to the connection's end at the provider. */
    @Test
    void aCancelReachesTheProviderWithinTwoHundredMilliseconds() {
        server.provider().will(new Act.Say("The"), new Act.Hold(new CompletableFuture<>()));
        String run = TestServer.start(api, "Who is the keeper?", List.of());
        try (Events events = api.events(run, Optional.empty())) {
            events.next("delta");
            Asked asked = server.provider().next();

            long since = System.nanoTime();
            assertThat(api.post("/v1/runs/" + run + "/cancel", "").status()).isEqualTo(202);
            long millis = TimeUnit.NANOSECONDS.toMillis(asked.whenGone() - since);

            System.out.printf("cancel reached the provider after %d ms%n", millis);
            assertThat(millis).isLessThanOrEqualTo(200);
        }
        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).isEqualTo("cancelled");
        assertThat(TestServer.kinds(api, run)).containsExactly("retrieval", "llm");
    }

    /** PostgreSQL takes no NUL, and what only looks like an escaped one must stay as it is. */
    @Test
    void anAnswerAboutNulsIsKeptAndNulsThemselvesAreNot() {
        server.provider().will(new Act.Say("Write `\\\\u0000`, \\u0000 or \\\\\\\\: \0end"), new Act.Finish(3, 4));
        String run = TestServer.start(api, "How is a NUL written?", List.of());

        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.path("output").asText()).isEqualTo("Write `\\\\u0000`, \\u0000 or \\\\\\\\: end");
    }

    @Test
    void aRunThatIsOverCannotBeCancelled() {
        server.provider().willSay("Done.");
        String run = TestServer.start(api, "Do it.", List.of());
        api.ended(run);

        assertThat(api.post("/v1/runs/" + run + "/cancel", "").status()).isBetween(200, 409);
        assertThat(api.ended(run).path("status").asText()).isEqualTo("succeeded");
    }

    /** Tokens that no provider counted are counted by ours, and said to be an estimate. */
    @Test
    void usageThatTheProviderDoesNotSendIsEstimated() {
        server.provider()
                .will(
                        new Act.Say("One two three four."),
                        new Act.Raw("data: {\"choices\":[{\"delta\":{},\"finish_reason\":\"stop\"}]}\n\n"),
                        new Act.Raw("data: [DONE]\n\n"),
                        new Act.Cut());
        String run = TestServer.start(api, "Count.", List.of());

        JsonNode ended = api.ended(run);
        assertThat(ended.path("status").asText()).as(ended.toString()).isEqualTo("succeeded");
        assertThat(ended.at("/usage/output_tokens").asInt()).isBetween(4, 8);
    }

    @Test
    void eventsCanBeReadAgainFromAnyPoint() {
        server.provider().willSay("Yes.");
        String run = TestServer.start(api, "Well?", List.of());
        api.ended(run);

        List<Long> all = TestServer.eventIds(api, run);
        assertThat(all).containsExactly(1L, 2L, 3L, 4L, 5L, 6L);
        try (Events rest = api.events(run, Optional.of("4"))) {
            assertThat(rest.next().orElseThrow().id()).isEqualTo("5");
            assertThat(rest.next().orElseThrow().id()).isEqualTo("6");
            assertThat(rest.next()).isEmpty();
        }
        assertThat(api.send(
                                "GET",
                                "/v1/runs/" + run + "/events",
                                java.net.http.HttpRequest.BodyPublishers.noBody(),
                                Map.of("Last-Event-ID", "soon"))
                        .error("param"))
                .isEqualTo("Last-Event-ID");
    }

    /** A reader that loses its connection in the middle of a step goes on with nothing missing and nothing twice. */
    @Test
    void aReaderThatComesBackInTheMiddleMissesNothing() {
        CompletableFuture<Void> back = new CompletableFuture<>();
        server.provider().will(new Act.Say("Half"), new Act.Hold(back), new Act.Say(" whole"), new Act.Finish(1, 2));
        String run = TestServer.start(api, "Go on.", List.of());
        String last;
        try (Events events = api.events(run, Optional.empty())) {
            last = events.next().orElseThrow().id();
            events.next("delta");
        }

        try (Events events = api.events(run, Optional.of(last))) {
            assertThat(events.next().orElseThrow().id()).isEqualTo(Long.toString(Long.parseLong(last) + 1));
            assertThat(events.next("delta").path("text").asText()).isEqualTo("Half");
            back.complete(null);
            assertThat(events.next("delta").path("text").asText()).isEqualTo(" whole");
            assertThat(events.next("run.succeeded").path("run_id").asText()).isEqualTo(run);
        }
    }
}
