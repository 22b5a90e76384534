package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;

/** The process that has the SDKs for Node, see {@code src/test/js/main.mjs}. Safe for any thread. */
final class NodeProcess implements AutoCloseable {

    private static final int OLDEST = 20;
    private static final long LIMIT_S = 60;
    private static final Path PACKAGES = Path.of("node_modules");

    private final Process process;
    private final AtomicInteger ids = new AtomicInteger();
    private final Map<Integer, Pending> pending = new ConcurrentHashMap<>();

    private record Pending(Runnable first, CompletableFuture<JsonNode> end) {}

    private NodeProcess(Process process) {
        this.process = process;
        Thread.ofPlatform().daemon().start(this::read);
    }

    /** Why it cannot be started; empty where it can. */
    static Optional<String> obstacle() {
        Optional<Integer> version = version();
        if (version.isEmpty()) {
            return Optional.of("there is no node on the path");
        }
        if (version.get() < OLDEST) {
            return Optional.of("node is older than " + OLDEST);
        }
        return Files.isDirectory(PACKAGES)
                ? Optional.empty()
                : Optional.of("conformance/node_modules is missing; run npm ci in conformance/");
    }

    private static Optional<Integer> version() {
        try {
            Process node = new ProcessBuilder("node", "--version").start();
            String said = new String(node.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
            return node.waitFor() == 0
                    ? Optional.of(Integer.valueOf(said.strip().replaceAll("v(\\d+).*", "$1")))
                    : Optional.empty();
        } catch (IOException e) {
            return Optional.empty();
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new AssertionError(e);
        }
    }

    /** With nothing in its environment that would have an SDK talk to anybody else. */
    static NodeProcess start() {
        ProcessBuilder builder = new ProcessBuilder("node", "src/test/js/main.mjs").redirectError(Redirect.INHERIT);
        builder.environment()
                .keySet()
                .removeIf(name -> name.matches("(OPENAI|ANTHROPIC|LANGCHAIN|LANGSMITH|NODE|AI)_.*"));
        try {
            return new NodeProcess(builder.start());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private void read() {
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(process.getInputStream(), StandardCharsets.UTF_8))) {
            for (String line = lines.readLine(); line != null; line = lines.readLine()) {
                heard(Json.tree(line));
            }
        } catch (IOException | UncheckedIOException e) {
            fail(e);
        }
        fail(new IllegalStateException("node ended"));
    }

    private void fail(Exception why) {
        pending.values().forEach(one -> one.end().completeExceptionally(why));
    }

    private void heard(JsonNode line) {
        Pending known = pending.get(line.path("id").asInt());
        if (known != null && line.path("first").asBoolean()) {
            known.first().run();
        } else if (known != null) {
            known.end().complete(line);
        }
    }

    /** What the script says at the end. */
    JsonNode ask(String sdk, Ask ask) {
        int id = ids.incrementAndGet();
        CompletableFuture<JsonNode> end = new CompletableFuture<>();
        pending.put(id, new Pending(ask.first(), end));
        try {
            send(Json.text(Map.of(
                    "id",
                    id,
                    "sdk",
                    sdk,
                    "verb",
                    ask.verb().name().toLowerCase(Locale.ROOT),
                    "base",
                    ask.base().toString(),
                    "key",
                    ask.key(),
                    "model",
                    ask.model(),
                    "prompt",
                    ask.prompt(),
                    "times",
                    ask.times())));
            return end.get(LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException | TimeoutException e) {
            throw new IllegalStateException("node did not answer", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        } finally {
            pending.remove(id);
        }
    }

    private synchronized void send(String line) {
        try {
            OutputStream to = process.getOutputStream();
            to.write((line + "\n").getBytes(StandardCharsets.UTF_8));
            to.flush();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        process.destroy();
    }
}
