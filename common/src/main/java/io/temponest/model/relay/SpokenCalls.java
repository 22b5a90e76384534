package io.temponest.model.relay;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.model.ToolCall;
import java.util.ArrayList;
import java.util.List;
import java.util.SortedMap;
import java.util.TreeMap;

/** The tool calls of an answer, put together from pieces of the chat form. Not for several threads. */
final class SpokenCalls {

    private final SortedMap<Integer, Call> calls = new TreeMap<>();

    private static final class Call {
        private String id = "";
        private String name = "";
        private final StringBuilder arguments = new StringBuilder();
    }

    /** @param piece with an index, but for servers that give each call whole */
    void add(JsonNode piece) {
        Call call = calls.computeIfAbsent(piece.path("index").asInt(calls.size()), begun -> new Call());
        call.id = said(piece.path("id"), call.id);
        call.name = said(piece.path("function").path("name"), call.name);
        call.arguments.append(piece.path("function").path("arguments").asText(""));
    }

    /** Later pieces of a call may say nothing, or say it with an empty text. */
    private static String said(JsonNode node, String before) {
        return node.asText("").isEmpty() ? before : node.asText();
    }

    /** In order; each has an id, whether or not the provider gave one. */
    List<ToolCall> all() {
        List<ToolCall> all = new ArrayList<>();
        calls.values()
                .forEach(call -> all.add(new ToolCall(
                        call.id.isEmpty() ? "call_" + all.size() : call.id, call.name, call.arguments.toString())));
        return all;
    }
}
