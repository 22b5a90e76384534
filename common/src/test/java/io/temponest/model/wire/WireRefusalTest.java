package io.temponest.model.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** What cannot be carried over is refused by the name that the client knows it by. */
class WireRefusalTest {

    private static final String MESSAGES = "[{\"role\":\"user\",\"content\":\"Hi\"}]";

    private static ApiError refused(Form from, Form to, String fields) {
        ObjectNode body = (ObjectNode) Json.tree(fields);
        body.put("model", "x");
        if (from == Form.ANTHROPIC_MESSAGES) {
            body.put("max_tokens", 10);
        }
        String conversation = from == Form.OPENAI_RESPONSES ? "input" : "messages";
        if (!body.has(conversation)) {
            body.set(conversation, Json.tree(MESSAGES));
        }
        ApiError error = catchThrowableOfType(ApiException.class, () -> Wire.request(from, to, Json.bytes(body), "m"))
                .error();
        assertThat(error.type()).isEqualTo(ErrorType.INVALID_REQUEST_ERROR);
        return error;
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "n | {'n':2}",
                "logprobs | {'logprobs':true}",
                "logit_bias | {'logit_bias':{'50256':-100}}",
                "modalities | {'modalities':['text','audio']}",
                "audio | {'audio':{'voice':'alloy','format':'wav'}}",
                "store | {'store':true}",
                "verbosity | {'verbosity':'low'}",
                "web_search_options | {'web_search_options':{}}",
                "functions | {'functions':[]}",
                "unheard_of | {'unheard_of':1}",
                "tools[0].type | {'tools':[{'type':'custom','custom':{'name':'x'}}]}",
                "messages[0].content[0].type | {'messages':[{'role':'user','content':[{'type':'input_audio','input_audio':{}}]}]}",
                "messages[0].role | {'messages':[{'role':'function','name':'f','content':''}]}",
            })
    void aChatForAnthropicOrOllama(String param, String fields) {
        for (Form provider : new Form[] {Form.ANTHROPIC_MESSAGES, Form.OLLAMA_CHAT}) {
            assertThat(refused(Form.OPENAI_CHAT, provider, fields.replace('\'', '"')))
                    .satisfies(error -> {
                        assertThat(error.param()).contains(param);
                        assertThat(error.code()).isEqualTo("not_translatable");
                        assertThat(error.message()).startsWith("'" + param + "' cannot be carried over: ");
                    });
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "temperature | {'temperature':1.5}",
                "frequency_penalty | {'frequency_penalty':0.5}",
                "response_format.type | {'response_format':{'type':'json_object'},'tools':[{'type':'function','function':{'name':'f'}}]}",
                "tool_choice.type | {'tool_choice':{'type':'allowed_tools'}}",
            })
    void aChatForAnthropic(String param, String fields) {
        assertThat(refused(Form.OPENAI_CHAT, Form.ANTHROPIC_MESSAGES, fields.replace('\'', '"'))
                        .param())
                .contains(param);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "tool_choice | {'tool_choice':'required'}",
                "parallel_tool_calls | {'parallel_tool_calls':false,'tools':[{'type':'function','function':{'name':'f'}}]}",
                "messages[0].content[0].image_url.url | {'messages':[{'role':'user','content':[{'type':'image_url','image_url':{'url':'https://a.b/c.png'}}]}]}",
            })
    void aChatForOllama(String param, String fields) {
        assertThat(refused(Form.OPENAI_CHAT, Form.OLLAMA_CHAT, fields.replace('\'', '"'))
                        .param())
                .contains(param);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "previous_response_id | {'previous_response_id':'resp_1'}",
                "conversation | {'conversation':'conv_1'}",
                "prompt | {'prompt':{'id':'pmpt_1'}}",
                "store | {'store':true}",
                "background | {'background':true}",
                "truncation | {'truncation':'auto'}",
                "top_logprobs | {'top_logprobs':3}",
                "include | {'include':['file_search_call.results']}",
                "tools[0].type | {'tools':[{'type':'web_search'}]}",
                "input[0].type | {'input':[{'type':'item_reference','id':'msg_1'}]}",
                "input[0].content[0].type | {'input':[{'role':'user','content':[{'type':'input_file','file_id':'f'}]}]}",
                "text.format | {'text':{'format':{'type':'json_object'}},'tools':[{'type':'function','name':'f'}]}",
                "text.verbosity | {'text':{'verbosity':'high'}}",
            })
    void aResponsesRequest(String param, String fields) {
        assertThat(refused(Form.OPENAI_RESPONSES, Form.ANTHROPIC_MESSAGES, fields.replace('\'', '"')))
                .satisfies(error -> {
                    assertThat(error.param()).contains(param);
                    assertThat(error.message()).startsWith("'" + param + "' cannot be carried over: ");
                });
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "container | {'container':'c'}",
                "mcp_servers | {'mcp_servers':[]}",
                "inference_geo | {'inference_geo':'eu'}",
                "top_k | {'top_k':4}",
                "tools[0].type | {'tools':[{'type':'web_search_20250305','name':'web_search'}]}",
                "messages[0].content[0].type | {'messages':[{'role':'user','content':[{'type':'document','source':{}}]}]}",
                "messages[1] | {'messages':[{'role':'user','content':'a'},{'role':'assistant','content':'{'}]}",
            })
    void anAnthropicMessageForAChat(String param, String fields) {
        assertThat(refused(Form.ANTHROPIC_MESSAGES, Form.OPENAI_CHAT, fields.replace('\'', '"'))
                        .param())
                .contains(param);
    }

    @Test
    void aChoiceThatOllamaCannotMakeIsRefusedByAnthropicsName() {
        assertThat(refused(
                                Form.ANTHROPIC_MESSAGES,
                                Form.OLLAMA_CHAT,
                                "{\"tools\":[{\"name\":\"f\",\"input_schema\":{}}],\"tool_choice\":{\"type\":\"auto\",\"disable_parallel_tool_use\":true}}")
                        .param())
                .contains("tool_choice.disable_parallel_tool_use");
    }

    @Test
    void argumentsThatAreNoObjectAreRefusedWithTheirPlace() {
        assertThat(
                        refused(
                                Form.OPENAI_CHAT,
                                Form.ANTHROPIC_MESSAGES,
                                "{\"messages\":[{\"role\":\"assistant\",\"tool_calls\":[{\"id\":\"a\",\"type\":\"function\",\"function\":{\"name\":\"f\",\"arguments\":\"[1\"}}]}]}"))
                .isEqualTo(ApiError.invalid(
                        "messages[0].tool_calls[0].function.arguments",
                        "wrong_type",
                        "'messages[0].tool_calls[0].function.arguments' must be a JSON object in a string."));
    }

    @Test
    void whatIsNoJsonIsRefusedWithItsPlace() {
        assertThatThrownBy(() ->
                        Wire.request(Form.OPENAI_CHAT, Form.OLLAMA_CHAT, "{\"model\":\n oops}".getBytes(UTF_8), "m"))
                .isInstanceOf(ApiException.class)
                .hasMessageMatching("The body is not valid JSON: it breaks off or goes wrong at line 2, column \\d\\.");
    }
}
