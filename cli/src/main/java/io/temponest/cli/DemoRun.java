package io.temponest.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;

/** One question about one file, from upload to cited answer, told as it happens. */
final class DemoRun {

    private static final Duration INDEX_LIMIT = Duration.ofMinutes(5);
    private static final Duration POLL = Duration.ofMillis(200);
    private static final int RUN_LIMIT_S = 300;
    private static final int RECONNECTS = 5;
    private static final int LONGEST_QUOTE = 300;

    private final ApiClient api;
    private final PrintWriter out;

    DemoRun(ApiClient api, PrintWriter out) {
        this.api = api;
        this.out = out;
    }

    /** @return whether the run succeeded */
    boolean ask(Path file, String agent, String question) {
        String collection = api.post("/v1/collections", Map.of("name", "demo " + Instant.now()))
                .path("id")
                .asText();
        index(collection, file);
        JsonNode run = api.post(
                "/v1/agents/" + agent + "/runs",
                Map.of("input", question, "collections", List.of(collection), "deadline_s", RUN_LIMIT_S));
        String id = run.path("id").asText();
        say("Question   " + question);
        say("Agent      %s, %s".formatted(agent, id));
        say("");
        String streamed = follow(id);
        JsonNode ended = api.get("/v1/runs/" + id);
        String output = ended.path("output").asText("");
        if (!streamed.equals(output) && !output.isEmpty()) {
            say(output);
        }
        say("");
        citations(ended.path("citations"));
        journal(api.get("/v1/runs/" + id + "/steps").path("data"));
        return ending(ended);
    }

    private void index(String collection, Path file) {
        long began = System.nanoTime();
        JsonNode document = api.upload("/v1/collections/" + collection + "/documents", file)
                .path("data")
                .path(0);
        String path = "/v1/collections/" + collection + "/documents/"
                + document.path("id").asText();
        out.print("Document   %s: ".formatted(file.getFileName()));
        String shown = "";
        while (true) {
            String status = document.path("status").asText();
            if (!status.equals(shown)) {
                out.print((shown.isEmpty() ? "" : " … ") + status);
                out.flush();
                shown = status;
            }
            Duration taken = Duration.ofNanos(System.nanoTime() - began);
            switch (status) {
                case "indexed" -> {
                    say(", %d passages, %s"
                            .formatted(document.path("chunk_count").asInt(), Steps.seconds(taken)));
                    return;
                }
                case "failed" -> {
                    say("");
                    throw new CommandFailure("the file could not be indexed: "
                            + document.path("error").path("message").asText("no reason given"));
                }
                default -> {
                    if (taken.compareTo(INDEX_LIMIT) > 0) {
                        say("");
                        throw new CommandFailure(
                                "the file was not indexed within " + INDEX_LIMIT.toMinutes() + " minutes");
                    }
                    pause();
                    document = api.get(path);
                }
            }
        }
    }

    private static void pause() {
        try {
            Thread.sleep(POLL);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new CommandFailure("interrupted", e);
        }
    }

    /** Shows the answer while it is written. @return what was shown of the last step that wrote any */
    private String follow(String run) {
        Answer answer = new Answer(out);
        boolean ended = false;
        for (int i = 0; !ended && i < RECONNECTS; i++) {
            ended = api.events("/v1/runs/" + run + "/events", answer.lastSeen(), answer::more);
        }
        if (!ended) {
            throw new CommandFailure("lost the stream of run " + run);
        }
        answer.end();
        return answer.text();
    }

    private void citations(JsonNode citations) {
        say(citations.isEmpty() ? "Citations  none" : "Citations");
        for (JsonNode citation : citations) {
            JsonNode location = citation.path("location");
            String page = location.has("page")
                    ? "page %d, ".formatted(location.path("page").asInt())
                    : "";
            say("  [%d] %s, %slines %d–%d, score %.2f"
                    .formatted(
                            citation.path("marker").asInt(),
                            citation.path("filename").asText(),
                            page,
                            location.path("start_line").asInt(),
                            location.path("end_line").asInt(),
                            citation.path("score").asDouble()));
            String quote = citation.path("quote").asText().strip().replaceAll("\\s+", " ");
            say("      “%s”"
                    .formatted(quote.length() > LONGEST_QUOTE ? quote.substring(0, LONGEST_QUOTE) + " …" : quote));
        }
    }

    private void journal(JsonNode steps) {
        say("Journal");
        for (JsonNode step : steps) {
            JsonNode usage = step.path("usage");
            String tokens = usage.isMissingNode()
                    ? ""
                    : "%d tokens in, %d out"
                            .formatted(
                                    usage.path("input_tokens").asLong(),
                                    usage.path("output_tokens").asLong());
            say("  %2d  %-10s %-24s %-10s %7s  %s"
                    .formatted(
                            step.path("seq").asInt(),
                            step.path("kind").asText(),
                            step.path("name").asText(),
                            step.path("status").asText(),
                            taken(step),
                            tokens)
                    .stripTrailing());
        }
    }

    private static String taken(JsonNode timed) {
        if (!timed.has("started_at") || !timed.has("finished_at")) {
            return "";
        }
        return Steps.seconds(Duration.between(
                Instant.parse(timed.path("started_at").asText()),
                Instant.parse(timed.path("finished_at").asText())));
    }

    private boolean ending(JsonNode run) {
        String status = run.path("status").asText();
        JsonNode usage = run.path("usage");
        say("Run %s in %s, %d tokens in, %d out, %s USD"
                .formatted(
                        status,
                        taken(run),
                        usage.path("input_tokens").asLong(),
                        usage.path("output_tokens").asLong(),
                        usage.path("cost_usd").asText("0")));
        if (run.has("error")) {
            say("  " + run.path("error").path("message").asText());
        }
        return status.equals("succeeded");
    }

    private void say(String line) {
        out.println(line);
        out.flush();
    }
}
