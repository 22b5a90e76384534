package io.temponest.model.wire;

import static io.temponest.model.wire.Form.ANTHROPIC_MESSAGES;
import static io.temponest.model.wire.Form.OLLAMA_CHAT;
import static io.temponest.model.wire.Form.OPENAI_CHAT;
import static io.temponest.model.wire.Form.OPENAI_RESPONSES;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import org.junit.jupiter.api.Test;

/** The examples follow the references of the three APIs. */
class WireRequestTest {

    private static final String CHAT = """
            {"model":"gateway/name","stream":true,"max_completion_tokens":300,"temperature":0.2,"top_p":0.9,"stop":"END",
             "user":"user-1234","seed":7,"stream_options":{"include_usage":true},"reasoning_effort":"low",
             "messages":[
              {"role":"developer","content":"You are a helpful assistant."},
              {"role":"user","content":[{"type":"text","text":"What is in this image?"},
               {"type":"image_url","image_url":{"url":"data:image/png;base64,iVBORw0KGgo=","detail":"low"}}]},
              {"role":"assistant","content":null,"tool_calls":[
               {"id":"call_1","type":"function","function":{"name":"get_weather","arguments":"{\\"location\\":\\"Paris\\"}"}},
               {"id":"call_2","type":"function","function":{"name":"get_time","arguments":""}}]},
              {"role":"tool","tool_call_id":"call_1","content":"15 degrees"},
              {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"noon"}]},
              {"role":"user","content":"And now?"}],
             "tools":[{"type":"function","function":{"name":"get_weather","description":"Weather of a place",
              "strict":true,"parameters":{"type":"object","properties":{"location":{"type":"string"}}}}},
              {"type":"function","function":{"name":"get_time"}}],
             "tool_choice":"auto"}""";

    private static JsonNode translated(Form from, Form to, String body) {
        return Json.read(Wire.request(from, to, body.getBytes(UTF_8), "m-1"), JsonNode.class);
    }

    private static JsonNode json(String text) {
        return Json.tree(text);
    }

    @Test
    void aChatBecomesAnAnthropicMessage() {
        assertThat(translated(OPENAI_CHAT, ANTHROPIC_MESSAGES, CHAT)).isEqualTo(json("""
                {"model":"m-1","max_tokens":300,
                 "system":[{"type":"text","text":"You are a helpful assistant."}],
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"What is in this image?"},
                   {"type":"image","source":{"type":"base64","media_type":"image/png","data":"iVBORw0KGgo="}}]},
                  {"role":"assistant","content":[
                   {"type":"tool_use","id":"call_1","name":"get_weather","input":{"location":"Paris"}},
                   {"type":"tool_use","id":"call_2","name":"get_time","input":{}}]},
                  {"role":"user","content":[
                   {"type":"tool_result","tool_use_id":"call_1","content":"15 degrees"},
                   {"type":"tool_result","tool_use_id":"call_2","content":"noon"},
                   {"type":"text","text":"And now?"}]}],
                 "temperature":0.2,"top_p":0.9,"stop_sequences":["END"],
                 "tools":[{"name":"get_weather","description":"Weather of a place","strict":true,
                  "input_schema":{"type":"object","properties":{"location":{"type":"string"}}}},
                  {"name":"get_time","input_schema":{"type":"object","properties":{}}}],
                 "tool_choice":{"type":"auto"},
                 "output_config":{"effort":"low"},"thinking":{"type":"adaptive"},
                 "metadata":{"user_id":"user-1234"},"stream":true}"""));
    }

    @Test
    void aChatBecomesAnOllamaChat() {
        assertThat(translated(OPENAI_CHAT, OLLAMA_CHAT, CHAT)).isEqualTo(json("""
                {"model":"m-1",
                 "messages":[
                  {"role":"system","content":"You are a helpful assistant."},
                  {"role":"user","content":"What is in this image?","images":["iVBORw0KGgo="]},
                  {"role":"assistant","content":"","tool_calls":[
                   {"id":"call_1","function":{"name":"get_weather","arguments":{"location":"Paris"}}},
                   {"id":"call_2","function":{"name":"get_time","arguments":{}}}]},
                  {"role":"tool","content":"15 degrees","tool_name":"get_weather","tool_call_id":"call_1"},
                  {"role":"tool","content":"noon","tool_name":"get_time","tool_call_id":"call_2"},
                  {"role":"user","content":"And now?"}],
                 "stream":true,
                 "tools":[{"type":"function","function":{"name":"get_weather","description":"Weather of a place",
                  "parameters":{"type":"object","properties":{"location":{"type":"string"}}}}},
                  {"type":"function","function":{"name":"get_time"}}],
                 "think":"low",
                 "options":{"num_predict":300,"temperature":0.2,"top_p":0.9,"seed":7,"stop":["END"]}}"""));
    }

    @Test
    void aChatForAProviderOfChatsKeepsItsBytesButForTheModel() {
        String kept = "{ \"vendor\" : {\"x\":1.50}, \"model\":\"m-1\" ,\"messages\":[], \"n\":2}";

        assertThat(Wire.request(
                        OPENAI_CHAT,
                        OPENAI_CHAT,
                        kept.replace("m-1", "gateway/é\\n").getBytes(UTF_8),
                        "m-1"))
                .asString(UTF_8)
                .isEqualTo(kept);
    }

    private static final String RESPONSE_REQUEST = """
            {"model":"x","instructions":"Be short.","max_output_tokens":99,"stream":true,"store":false,
             "include":["reasoning.encrypted_content"],"reasoning":{"effort":"high","summary":"auto"},
             "metadata":{"a":"b"},"parallel_tool_calls":false,
             "text":{"format":{"type":"json_schema","name":"place","strict":true,"schema":{"type":"object"}}},
             "input":[
              {"role":"user","content":[{"type":"input_text","text":"Look"},
               {"type":"input_image","image_url":"https://example.com/a.png","detail":"high"}]},
              {"type":"reasoning","id":"rs_1","summary":[]},
              {"type":"message","role":"assistant","id":"msg_1","status":"completed",
               "content":[{"type":"output_text","text":"I look it up.","annotations":[]}]},
              {"type":"function_call","id":"fc_1","call_id":"call_1","name":"find","arguments":"{\\"q\\":1}"},
              {"type":"function_call","call_id":"call_2","name":"find","arguments":"{\\"q\\":2}"},
              {"type":"function_call_output","call_id":"call_1","output":"one"},
              {"type":"function_call_output","call_id":"call_2","output":[{"type":"input_text","text":"two"}]}],
             "tools":[{"type":"function","name":"find","description":"Finds","parameters":{"type":"object"},"strict":true}],
             "tool_choice":{"type":"function","name":"find"}}""";

    @Test
    void aResponsesRequestBecomesAChat() {
        assertThat(translated(OPENAI_RESPONSES, OPENAI_CHAT, RESPONSE_REQUEST)).isEqualTo(json("""
                {"model":"m-1",
                 "messages":[
                  {"role":"system","content":"Be short."},
                  {"role":"user","content":[{"type":"text","text":"Look"},
                   {"type":"image_url","image_url":{"url":"https://example.com/a.png","detail":"high"}}]},
                  {"role":"assistant","content":[{"type":"text","text":"I look it up."}],"tool_calls":[
                   {"id":"call_1","type":"function","function":{"name":"find","arguments":"{\\"q\\":1}"}},
                   {"id":"call_2","type":"function","function":{"name":"find","arguments":"{\\"q\\":2}"}}]},
                  {"role":"tool","tool_call_id":"call_1","content":"one"},
                  {"role":"tool","tool_call_id":"call_2","content":[{"type":"text","text":"two"}]}],
                 "max_completion_tokens":99,"stream":true,"parallel_tool_calls":false,
                 "tools":[{"type":"function","function":{"name":"find","description":"Finds",
                  "parameters":{"type":"object"},"strict":true}}],
                 "tool_choice":{"type":"function","function":{"name":"find"}},
                 "response_format":{"type":"json_schema","json_schema":{"name":"place","schema":{"type":"object"},"strict":true}},
                 "reasoning_effort":"high","stream_options":{"include_usage":true}}"""));
    }

    @Test
    void aResponsesRequestBecomesAnAnthropicMessageWithoutThinkingWhereAToolIsForced() {
        assertThat(translated(OPENAI_RESPONSES, ANTHROPIC_MESSAGES, RESPONSE_REQUEST))
                .isEqualTo(json("""
                {"model":"m-1","max_tokens":99,"system":[{"type":"text","text":"Be short."}],
                 "messages":[
                  {"role":"user","content":[{"type":"text","text":"Look"},
                   {"type":"image","source":{"type":"url","url":"https://example.com/a.png"}}]},
                  {"role":"assistant","content":[{"type":"text","text":"I look it up."},
                   {"type":"tool_use","id":"call_1","name":"find","input":{"q":1}},
                   {"type":"tool_use","id":"call_2","name":"find","input":{"q":2}}]},
                  {"role":"user","content":[
                   {"type":"tool_result","tool_use_id":"call_1","content":"one"},
                   {"type":"tool_result","tool_use_id":"call_2","content":"two"}]}],
                 "tools":[{"name":"find","description":"Finds","input_schema":{"type":"object"},"strict":true}],
                 "tool_choice":{"type":"tool","name":"find","disable_parallel_tool_use":true},
                 "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}},"effort":"high"},
                 "stream":true}"""));
    }

    private static final String ANTHROPIC_REQUEST = """
            {"model":"x","max_tokens":1024,"system":[{"type":"text","text":"Be kind.","cache_control":{"type":"ephemeral"}}],
             "metadata":{"user_id":"u-1"},"stop_sequences":["END"],"thinking":{"type":"enabled","budget_tokens":4096},
             "output_config":{"format":{"type":"json_schema","schema":{"type":"object"}}},
             "messages":[
              {"role":"user","content":[{"type":"image","source":{"type":"base64","media_type":"image/jpeg","data":"/9j/"}},
               {"type":"text","text":"What is it?"}]},
              {"role":"assistant","content":[{"type":"thinking","thinking":"hm","signature":"sig"},
               {"type":"text","text":"I look."},{"type":"tool_use","id":"toolu_1","name":"look","input":{"at":"it"}}]},
              {"role":"user","content":[{"type":"text","text":"Go on."},
               {"type":"tool_result","tool_use_id":"toolu_1","content":[{"type":"text","text":"a cat"}]}]}],
             "tools":[{"name":"look","description":"Looks","input_schema":{"type":"object"}}],
             "tool_choice":{"type":"auto","disable_parallel_tool_use":true}}""";

    @Test
    void anAnthropicMessageBecomesAChat() {
        assertThat(translated(ANTHROPIC_MESSAGES, OPENAI_CHAT, ANTHROPIC_REQUEST))
                .isEqualTo(json("""
                {"model":"m-1",
                 "messages":[
                  {"role":"system","content":[{"type":"text","text":"Be kind."}]},
                  {"role":"user","content":[{"type":"image_url","image_url":{"url":"data:image/jpeg;base64,/9j/"}},
                   {"type":"text","text":"What is it?"}]},
                  {"role":"assistant","content":[{"type":"text","text":"I look."}],"tool_calls":[
                   {"id":"toolu_1","type":"function","function":{"name":"look","arguments":"{\\"at\\":\\"it\\"}"}}]},
                  {"role":"tool","tool_call_id":"toolu_1","content":[{"type":"text","text":"a cat"}]},
                  {"role":"user","content":[{"type":"text","text":"Go on."}]}],
                 "max_completion_tokens":1024,"stop":["END"],
                 "tools":[{"type":"function","function":{"name":"look","description":"Looks","parameters":{"type":"object"}}}],
                 "tool_choice":"auto","parallel_tool_calls":false,"user":"u-1",
                 "response_format":{"type":"json_schema","json_schema":{"name":"answer","strict":true,"schema":{"type":"object"}}},
                 "reasoning_effort":"medium"}"""));
    }

    @Test
    void anAnthropicMessageBecomesAnOllamaChatWithItsTopK() {
        assertThat(
                        translated(
                                ANTHROPIC_MESSAGES,
                                OLLAMA_CHAT,
                                "{\"model\":\"x\",\"max_tokens\":9,\"top_k\":5,\"messages\":[{\"role\":\"user\",\"content\":\"Hi\"}]}"))
                .isEqualTo(json("""
                {"model":"m-1","messages":[{"role":"user","content":"Hi"}],"stream":false,
                 "options":{"num_predict":9,"top_k":5}}"""));
    }

    @Test
    void aSchemaIsOllamasFormatAndFreeJsonItsJsonMode() {
        String chat = "{\"model\":\"x\",\"messages\":[],\"response_format\":%s}";

        assertThat(translated(
                                OPENAI_CHAT,
                                OLLAMA_CHAT,
                                chat.formatted(
                                        "{\"type\":\"json_schema\",\"json_schema\":{\"name\":\"a\",\"schema\":{\"type\":\"array\"}}}"))
                        .get("format"))
                .isEqualTo(json("{\"type\":\"array\"}"));
        assertThat(translated(OPENAI_CHAT, OLLAMA_CHAT, chat.formatted("{\"type\":\"json_object\"}"))
                        .get("format"))
                .isEqualTo(json("\"json\""));
    }

    @Test
    void freeJsonIsAForcedToolOfAnthropicAndTheLimitIsTheDefault() {
        JsonNode request = translated(
                OPENAI_CHAT,
                ANTHROPIC_MESSAGES,
                "{\"model\":\"x\",\"messages\":[],\"response_format\":{\"type\":\"json_object\"}}");

        assertThat(request.at("/tool_choice"))
                .isEqualTo(json(
                        "{\"type\":\"tool\",\"name\":\"temponest_json_answer\",\"disable_parallel_tool_use\":true}"));
        assertThat(request.at("/tools/0/name")).isEqualTo(json("\"temponest_json_answer\""));
        assertThat(request.at("/max_tokens").asInt()).isEqualTo(8192);
    }
}
