package io.temponest.model.wire;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answering;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Frames letter by letter, after the examples of the references. */
class WireStreamTest {

    private static final Answering CONTEXT = Answering.of("abc", 1_700_000_000, "shown/model", "req_1", true);

    private static List<String> frames(Form provider, Form client, String... events) {
        StreamTranslation stream = Wire.stream(provider, client, CONTEXT);
        List<String> frames = new ArrayList<>();
        for (String event : events) {
            frames.addAll(stream.feed("", event));
        }
        frames.addAll(stream.end());
        return frames;
    }

    private static String chunk(String rest) {
        return "data: {\"id\":\"chatcmpl-abc\",\"object\":\"chat.completion.chunk\",\"created\":1700000000,"
                + "\"model\":\"shown/model\",\"choices\":[" + rest + "}\n\n";
    }

    @Test
    void aPassedStreamWithoutNamesIsNamedByItsData() {
        assertThat(frames(
                        Form.ANTHROPIC_MESSAGES,
                        Form.ANTHROPIC_MESSAGES,
                        "{\"type\":\"ping\"}",
                        "{\"type\":\"message_stop\"}"))
                .containsExactly(
                        "event: ping\ndata: {\"type\":\"ping\"}\n\n",
                        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void anAnthropicStreamBecomesChunks() {
        assertThat(frames(
                        Form.ANTHROPIC_MESSAGES,
                        Form.OPENAI_CHAT,
                        "{\"type\":\"message_start\",\"message\":{\"usage\":{\"input_tokens\":25,\"output_tokens\":1}}}",
                        "{\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}",
                        "{\"type\":\"ping\"}",
                        "{\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hello\"}}",
                        "{\"type\":\"content_block_stop\",\"index\":0}",
                        "{\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"end_turn\",\"stop_sequence\":null},\"usage\":{\"output_tokens\":15}}",
                        "{\"type\":\"message_stop\"}"))
                .containsExactly(
                        chunk(
                                "{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null"),
                        chunk(
                                "{\"index\":0,\"delta\":{\"content\":\"Hello\"},\"logprobs\":null,\"finish_reason\":null}],\"usage\":null"),
                        chunk(
                                "{\"index\":0,\"delta\":{},\"logprobs\":null,\"finish_reason\":\"stop\"}],\"usage\":null"),
                        chunk(
                                "],\"usage\":{\"prompt_tokens\":25,\"completion_tokens\":15,\"total_tokens\":40,\"prompt_tokens_details\":{\"cached_tokens\":0},\"completion_tokens_details\":{\"reasoning_tokens\":0}}"),
                        "data: [DONE]\n\n");
    }

    @Test
    void chunksBecomeAnAnthropicStream() {
        assertThat(frames(
                        Form.OPENAI_CHAT,
                        Form.ANTHROPIC_MESSAGES,
                        "{\"choices\":[{\"index\":0,\"delta\":{\"role\":\"assistant\",\"content\":\"\"},\"finish_reason\":null}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"content\":\"Hi\"},\"finish_reason\":null}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"call_1\",\"type\":\"function\",\"function\":{\"name\":\"find\",\"arguments\":\"\"}}]}}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{\"tool_calls\":[{\"index\":0,\"function\":{\"arguments\":\"{}\"}}]}}]}",
                        "{\"choices\":[{\"index\":0,\"delta\":{},\"finish_reason\":\"tool_calls\"}]}",
                        "{\"choices\":[],\"usage\":{\"prompt_tokens\":9,\"prompt_tokens_details\":{\"cached_tokens\":4},\"completion_tokens\":3}}",
                        "[DONE]"))
                .containsExactly(
                        "event: message_start\ndata: {\"type\":\"message_start\",\"message\":{\"id\":\"msg_abc\",\"type\":\"message\",\"role\":\"assistant\",\"model\":\"shown/model\",\"content\":[],\"stop_reason\":null,\"stop_sequence\":null,\"usage\":{\"input_tokens\":0,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":0,\"output_tokens\":0}}}\n\n",
                        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":0,\"content_block\":{\"type\":\"text\",\"text\":\"\"}}\n\n",
                        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":0,\"delta\":{\"type\":\"text_delta\",\"text\":\"Hi\"}}\n\n",
                        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":0}\n\n",
                        "event: content_block_start\ndata: {\"type\":\"content_block_start\",\"index\":1,\"content_block\":{\"type\":\"tool_use\",\"id\":\"call_1\",\"name\":\"find\",\"input\":{}}}\n\n",
                        "event: content_block_delta\ndata: {\"type\":\"content_block_delta\",\"index\":1,\"delta\":{\"type\":\"input_json_delta\",\"partial_json\":\"{}\"}}\n\n",
                        "event: content_block_stop\ndata: {\"type\":\"content_block_stop\",\"index\":1}\n\n",
                        "event: message_delta\ndata: {\"type\":\"message_delta\",\"delta\":{\"stop_reason\":\"tool_use\",\"stop_sequence\":null},\"usage\":{\"input_tokens\":5,\"cache_creation_input_tokens\":0,\"cache_read_input_tokens\":4,\"output_tokens\":3}}\n\n",
                        "event: message_stop\ndata: {\"type\":\"message_stop\"}\n\n");
    }

    @Test
    void anOllamaStreamBecomesTheLifeOfAResponse() {
        List<String> frames = frames(
                Form.OLLAMA_CHAT,
                Form.OPENAI_RESPONSES,
                "{\"message\":{\"role\":\"assistant\",\"content\":\"\",\"thinking\":\"Hm\"},\"done\":false}",
                "{\"message\":{\"role\":\"assistant\",\"content\":\"Hi\"},\"done\":false}",
                "{\"message\":{\"role\":\"assistant\",\"content\":\"\",\"tool_calls\":[{\"function\":{\"name\":\"find\",\"arguments\":{\"q\":1}}}]},\"done\":false}",
                "{\"message\":{\"role\":\"assistant\",\"content\":\"\"},\"done\":true,\"done_reason\":\"stop\",\"prompt_eval_count\":26,\"eval_count\":9}");

        assertThat(frames.stream().map(frame -> Clients.data(frame).get("type").textValue()))
                .containsExactly(
                        "response.created",
                        "response.in_progress",
                        "response.output_item.added",
                        "response.reasoning_summary_part.added",
                        "response.reasoning_summary_text.delta",
                        "response.reasoning_summary_text.done",
                        "response.reasoning_summary_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.content_part.added",
                        "response.output_text.delta",
                        "response.output_text.done",
                        "response.content_part.done",
                        "response.output_item.done",
                        "response.output_item.added",
                        "response.function_call_arguments.delta",
                        "response.function_call_arguments.done",
                        "response.output_item.done",
                        "response.completed");
        assertThat(frames.get(10))
                .isEqualTo(
                        "event: response.output_text.delta\ndata: {\"type\":\"response.output_text.delta\",\"item_id\":\"msg_abc_1\",\"output_index\":1,\"content_index\":0,\"delta\":\"Hi\",\"logprobs\":[],\"sequence_number\":10}\n\n");
        assertThat(frames.get(17))
                .isEqualTo(
                        "event: response.output_item.done\ndata: {\"type\":\"response.output_item.done\",\"output_index\":2,\"item\":{\"id\":\"fc_abc_2\",\"type\":\"function_call\",\"status\":\"completed\",\"call_id\":\"call_abc_0\",\"name\":\"find\",\"arguments\":\"{\\\"q\\\":1}\"},\"sequence_number\":17}\n\n");
        assertThat(Clients.data(frames.getLast()).at("/response/usage"))
                .isEqualTo(
                        Json.tree(
                                "{\"input_tokens\":26,\"input_tokens_details\":{\"cached_tokens\":0},\"output_tokens\":9,\"output_tokens_details\":{\"reasoning_tokens\":0},\"total_tokens\":35}"));
    }

    @Test
    void aFailureOfOursEndsAStreamOfEveryForm() {
        ApiError error = ApiError.of(ErrorType.OVERLOADED_ERROR, "overloaded", "Too much.");

        assertThat(failure(Form.OPENAI_CHAT, error))
                .containsExactly(
                        "data: {\"error\":{\"message\":\"Too much.\",\"type\":\"overloaded_error\",\"param\":null,\"code\":\"overloaded\",\"request_id\":\"req_1\"}}\n\n");
        assertThat(failure(Form.ANTHROPIC_MESSAGES, error))
                .containsExactly(
                        "event: error\ndata: {\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Too much.\"},\"request_id\":\"req_1\"}\n\n");
        assertThat(failure(Form.OPENAI_RESPONSES, error)).hasSize(3).last().satisfies(frame -> {
            JsonNode event = Clients.data(frame);
            assertThat(event.get("type").textValue()).isEqualTo("response.failed");
            assertThat(event.get("sequence_number").intValue()).isEqualTo(2);
            assertThat(event.at("/response/status").textValue()).isEqualTo("failed");
            assertThat(event.at("/response/error"))
                    .isEqualTo(Json.tree("{\"code\":\"server_error\",\"message\":\"Too much.\"}"));
        });
    }

    private static List<String> failure(Form client, ApiError error) {
        StreamTranslation stream = Wire.stream(Form.OLLAMA_CHAT, client, CONTEXT);
        List<String> frames = stream.failure(error);
        assertThat(stream.isOver()).isTrue();
        assertThat(stream.failure(error)).isEmpty();
        assertThat(stream.feed("", "{\"message\":{\"content\":\"late\"}}")).isEmpty();
        return frames;
    }

    @Test
    void aFailureOfTheProviderEndsTheStream() {
        assertThat(frames(
                        Form.ANTHROPIC_MESSAGES,
                        Form.OPENAI_CHAT,
                        "{\"type\":\"error\",\"error\":{\"type\":\"overloaded_error\",\"message\":\"Overloaded\"}}"))
                .last()
                .isEqualTo(
                        "data: {\"error\":{\"message\":\"The provider is overloaded.\",\"type\":\"overloaded_error\",\"param\":null,\"code\":\"provider_overloaded\",\"request_id\":\"req_1\"}}\n\n");
        assertThat(frames(Form.OLLAMA_CHAT, Form.OPENAI_CHAT, "{\"error\":\"out of memory\"}"))
                .last()
                .asString()
                .contains("\"message\":\"The provider failed while it answered.\",\"type\":\"upstream_error\"");
        assertThat(frames(Form.OPENAI_CHAT, Form.ANTHROPIC_MESSAGES, "no json"))
                .last()
                .asString()
                .startsWith("event: error\n");
    }

    @Test
    void aProvidersWordsAboutOurKeyAreNotPassedOn() {
        assertThat(
                        frames(
                                Form.ANTHROPIC_MESSAGES,
                                Form.OPENAI_CHAT,
                                "{\"type\":\"error\",\"error\":{\"type\":\"authentication_error\",\"message\":\"invalid key sk-1\"}}"))
                .last()
                .asString()
                .contains("The provider refused our credentials.")
                .doesNotContain("sk-1");
    }

    @Test
    void aChunkOfUsageThatNobodyAskedForDoesNotPass() {
        String usage = "{\"choices\":[],\"usage\":{\"prompt_tokens\":1}}";
        Answering unasked = Answering.of("abc", 1, "m", "req_1", false);

        assertThat(Wire.stream(Form.OPENAI_CHAT, Form.OPENAI_CHAT, unasked).feed("message", usage))
                .isEmpty();
        assertThat(Wire.stream(Form.OPENAI_CHAT, Form.OPENAI_CHAT, CONTEXT).feed("message", usage))
                .containsExactly("data: " + usage + "\n\n");
    }

    @Test
    void callsThatAllHaveTheSameIndexAreDifferentCalls() {
        List<String> frames = frames(
                Form.OPENAI_CHAT,
                Form.OPENAI_RESPONSES,
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"a\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]}}]}",
                "{\"choices\":[{\"delta\":{\"tool_calls\":[{\"index\":0,\"id\":\"b\",\"function\":{\"name\":\"f\",\"arguments\":\"{}\"}}]},\"finish_reason\":\"stop\"}]}");

        assertThat(Clients.data(frames.getLast()).at("/response/output").findValuesAsText("call_id"))
                .containsExactly("a", "b");
    }

    @Test
    void jsonThatAToolWasForcedToGiveIsTheText() {
        byte[] answer = Wire.answer(
                Form.ANTHROPIC_MESSAGES,
                Form.OPENAI_CHAT,
                Json.bytes(
                        Json.tree(
                                "{\"content\":[{\"type\":\"tool_use\",\"id\":\"t\",\"name\":\"temponest_json_answer\",\"input\":{\"a\":1}}],\"stop_reason\":\"tool_use\",\"usage\":{}}")),
                CONTEXT);

        assertThat(Json.read(answer, JsonNode.class).at("/choices/0"))
                .isEqualTo(
                        Json.tree(
                                "{\"index\":0,\"message\":{\"role\":\"assistant\",\"content\":\"{\\\"a\\\":1}\",\"refusal\":null},\"logprobs\":null,\"finish_reason\":\"stop\"}"));
    }

    @Test
    void aResponseRepeatsItsRequest() {
        byte[] request = Json.bytes(
                Json.tree(
                        "{\"model\":\"x\",\"input\":[{\"tools\":1}],\"temperature\":0.5,\"tools\":[{\"type\":\"function\",\"name\":\"f\"}],\"user\":null}"));
        Answering context = new Answering("abc", 1, "m", "req_1", false, Answering.echo(request));

        JsonNode response = Json.read(
                Wire.answer(
                        Form.OLLAMA_CHAT,
                        Form.OPENAI_RESPONSES,
                        Json.bytes(Json.tree("{\"message\":{\"content\":\"Hi\"},\"done\":true}")),
                        context),
                JsonNode.class);

        assertThat(response.get("temperature").doubleValue()).isEqualTo(0.5);
        assertThat(response.at("/tools/0/name").textValue()).isEqualTo("f");
        assertThat(response.get("user").isNull()).isTrue();
        assertThat(response.get("store").booleanValue()).isFalse();
    }
}
