package io.temponest.testing;

import com.fasterxml.jackson.databind.JsonNode;
import io.netty.channel.Channel;
import io.netty.channel.ChannelOption;
import io.temponest.json.Json;
import io.temponest.testing.FakeProvider.Act;
import io.vertx.core.Context;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.core.http.impl.HttpServerConnection;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Base64;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;

/** One script being played to one client. Lives on one event loop. */
final class Performance {

    private final Context context;
    private final HttpServerRequest request;
    private final HttpServerResponse response;
    private final JsonNode asked;

    Performance(Context context, HttpServerRequest request, JsonNode asked) {
        this.context = context;
        this.request = request;
        this.response = request.response();
        this.asked = asked;
    }

    void play(Iterator<Act> acts) {
        while (acts.hasNext()) {
            switch (acts.next()) {
                case Act.Hold(CompletableFuture<Void> until) -> {
                    until.thenRun(() -> context.runOnContext(go -> play(acts)));
                    return;
                }
                case Act.Say(String text) ->
                    chunk(Json.text(Map.of("choices", List.of(Map.of("delta", Map.of("content", text))))));
                case Act.Raw(String text) -> stream(Buffer.buffer(text));
                case Act.Split(String text) -> split(text.getBytes(StandardCharsets.UTF_8));
                case Act.Trickle(String text) -> trickle(text.getBytes(StandardCharsets.UTF_8));
                case Act.Finish(int input, int output) -> {
                    chunk(Json.text(Map.of(
                            "choices", List.of(Map.of("delta", Map.of(), "finish_reason", "stop")),
                            "usage", Map.of("prompt_tokens", input, "completion_tokens", output))));
                    done();
                }
                case Act.FinishSilently() -> {
                    chunk(Json.text(Map.of("choices", List.of(Map.of("delta", Map.of(), "finish_reason", "stop")))));
                    done();
                }
                case Act.Cut() -> ignore(response.reset());
                case Act.Reset() -> reset();
                case Act.Close() -> send(Buffer.buffer(), true);
                case Act.Whole(String json) -> whole(200, json, Map.of());
                case Act.Refuse(int status, String message, var headers) ->
                    whole(status, Json.text(Map.of("error", Map.of("message", message))), headers);
                case Act.RefuseAs(int status, String body, var headers) -> whole(status, body, headers);
                case Act.Half(String json) -> half(Buffer.buffer(json));
                case Act.Vectors(var vectors) -> whole(200, Json.text(vectors(vectors)), Map.of());
            }
        }
    }

    private void done() {
        stream(Buffer.buffer("data: [DONE]\n\n"));
        send(Buffer.buffer(), true);
    }

    private void whole(int status, String body, Map<String, String> headers) {
        headers.forEach(response::putHeader);
        response.setStatusCode(status).putHeader("Content-Type", "application/json");
        send(Buffer.buffer(body), true);
    }

    private void half(Buffer body) {
        response.putHeader("Content-Type", "application/json")
                .putHeader("Content-Length", Integer.toString(body.length()));
        send(body.slice(0, body.length() / 2), false);
    }

    /** The next chunk begins after the first byte of a character that has several. */
    private void split(byte[] text) {
        int from = 0;
        for (int i = 0; i < text.length; i++) {
            boolean first = (text[i] & 0xC0) == 0xC0;
            if (first) {
                stream(Buffer.buffer(Arrays.copyOfRange(text, from, i + 1)));
                from = i + 1;
            }
        }
        stream(Buffer.buffer(Arrays.copyOfRange(text, from, text.length)));
    }

    private void trickle(byte[] text) {
        for (byte one : text) {
            stream(Buffer.buffer(new byte[] {one}));
        }
    }

    private void chunk(String json) {
        stream(Buffer.buffer("data: " + json + "\n\n"));
    }

    private void stream(Buffer bytes) {
        if (!response.headWritten()) {
            response.setChunked(true).putHeader("Content-Type", "text/event-stream");
        }
        send(bytes, false);
    }

    private void send(Buffer bytes, boolean last) {
        if (!response.ended() && !response.closed()) {
            ignore(last ? response.end(bytes) : response.write(bytes));
        }
    }

    /** A client that went away is what a test may want. */
    private static void ignore(Future<?> written) {
        written.otherwiseEmpty();
    }

    /** A socket that is closed without lingering is closed by RST. */
    private void reset() {
        Channel channel = ((HttpServerConnection) request.connection())
                .channelHandlerContext()
                .channel();
        channel.config().setOption(ChannelOption.SO_LINGER, 0);
        channel.close();
    }

    private Map<String, Object> vectors(List<List<Float>> vectors) {
        boolean base64 = asked.path("encoding_format").asText().equals("base64");
        List<Map<String, Object>> rows = new ArrayList<>();
        for (List<Float> vector : vectors) {
            Object written = base64 ? base64(vector) : vector;
            rows.add(Map.of("object", "embedding", "index", rows.size(), "embedding", written));
        }
        return Map.of(
                "object",
                "list",
                "data",
                rows,
                "model",
                asked.path("model").asText(),
                "usage",
                Map.of("prompt_tokens", 4, "total_tokens", 4));
    }

    private static String base64(List<Float> vector) {
        ByteBuffer bytes = ByteBuffer.allocate(vector.size() * Float.BYTES).order(ByteOrder.LITTLE_ENDIAN);
        vector.forEach(bytes::putFloat);
        return Base64.getEncoder().encodeToString(bytes.array());
    }
}
