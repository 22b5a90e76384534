package io.temponest.model.wire;

import static java.nio.charset.StandardCharsets.UTF_16;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.json.Json;
import java.nio.charset.Charset;
import java.util.OptionalLong;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.StringLength;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RequestScanTest {

    private static RequestScan scan(Form form, String body) {
        return RequestScan.of(form, body.getBytes(UTF_8));
    }

    private static ApiError refused(Form form, String body, Charset charset) {
        return catchThrowableOfType(ApiException.class, () -> RequestScan.of(form, body.getBytes(charset)))
                .error();
    }

    @Test
    void aChatIsRead() {
        RequestScan scan = scan(Form.OPENAI_CHAT, """
                {"messages":[{"role":"user","content":[{"type":"image_url","image_url":{"url":"u"}},{"type":"text","text":"x"},
                  {"type":"image_url","image_url":{"type":"image_url"}}]},{"role":"user","content":"image_url"}],
                 "tools":[{"type":"function"}],"stream":true,"n":2,"max_tokens":5,"max_completion_tokens":7,
                 "response_format":{"type":"json_object"},"stream_options":{"include_usage":true},"model":"a/b"}""");

        assertThat(scan.model()).isEqualTo("a/b");
        assertThat(scan.stream()).isTrue();
        assertThat(scan.maxOutputTokens()).isEqualTo(OptionalLong.of(7));
        assertThat(scan.n()).isEqualTo(2);
        assertThat(scan.tools()).isTrue();
        assertThat(scan.responseFormat()).isTrue();
        assertThat(scan.images()).isEqualTo(2);
        assertThat(scan.includeUsage()).isTrue();
    }

    /** As those who are asked read it: of fields with one name the last. */
    @Test
    void aFieldThatIsThereTwiceCountsAsTheLast() {
        String message = "{\"model\":\"m\",\"messages\":[{\"role\":\"user\",\"content\":[%s]}]}";
        String url = "{\"url\":\"abc\"}";

        RequestScan twice = scan(
                Form.OPENAI_CHAT,
                message.formatted("{\"type\":\"image_url\",\"image_url\":{\"url\":\"" + "x".repeat(1_000)
                        + "\"},\"image_url\":" + url + "}"));
        assertThat(twice.images()).isEqualTo(1);
        assertThat(twice.imageBytes()).isEqualTo(url.length());

        RequestScan text = scan(
                Form.OPENAI_CHAT,
                message.formatted(
                        "{\"type\":\"image_url\",\"type\":\"text\",\"text\":\"a\",\"image_url\":" + url + "}"));
        assertThat(text.images()).isZero();

        RequestScan contents = scan(
                Form.OPENAI_CHAT,
                "{\"model\":\"m\",\"messages\":[{\"content\":[{\"type\":\"image_url\"}],\"content\":[]}]}");
        assertThat(contents.images()).isZero();
    }

    @Test
    void whatIsAbsentOrNullIsNotThere() {
        RequestScan scan = scan(Form.OPENAI_CHAT, """
                {"model":"m","messages":[],"stream":null,"n":null,"tools":null,"max_tokens":null,"response_format":null,
                 "stream_options":null}""");

        assertThat(scan.stream()).isFalse();
        assertThat(scan.maxOutputTokens()).isEmpty();
        assertThat(scan.n()).isEqualTo(1);
        assertThat(scan.tools()).isFalse();
        assertThat(scan.responseFormat()).isFalse();
        assertThat(scan.includeUsage()).isFalse();
    }

    @Test
    void aResponsesRequestAndAnAnthropicMessageAreRead() {
        RequestScan response = scan(Form.OPENAI_RESPONSES, """
                {"model":"m","max_output_tokens":9,"text":{"format":{"type":"json_schema","name":"x","schema":{}}},
                 "input":[{"role":"user","content":[{"type":"input_image","image_url":"u"}]},
                  {"type":"function_call_output","call_id":"c","output":[{"type":"input_image","image_url":"u"}]}]}""");
        RequestScan message = scan(Form.ANTHROPIC_MESSAGES, """
                {"model":"m","max_tokens":10,"messages":[{"role":"user","content":[{"type":"image","source":{}},
                  {"type":"tool_result","content":[{"type":"image","source":{}}]},
                  {"type":"tool_use","input":{"type":"image","content":[{"type":"image"}]}}]}]}""");

        assertThat(response.maxOutputTokens()).isEqualTo(OptionalLong.of(9));
        assertThat(response.responseFormat()).isTrue();
        assertThat(response.images()).isEqualTo(2);
        assertThat(message.maxOutputTokens()).isEqualTo(OptionalLong.of(10));
        assertThat(message.images()).isEqualTo(2);
        assertThat(scan(Form.OPENAI_RESPONSES, "{\"model\":\"m\",\"input\":\"text\"}")
                        .images())
                .isZero();
    }

    /** Whoever is asked would not know another API's field, and answer without a limit. */
    @Test
    void onlyTheFormsOwnFieldLimitsAnAnswer() {
        String all = "'max_output_tokens':1,'max_tokens':20,'max_completion_tokens':300".replace('\'', '"');

        RequestScan chat = scan(Form.OPENAI_CHAT, "{\"model\":\"m\",\"messages\":[]," + all + "}");
        assertThat(chat.maxOutputTokens()).isEqualTo(OptionalLong.of(300));
        assertThat(chat.limitHasNewName()).isTrue();
        assertThat(scan(Form.OPENAI_RESPONSES, "{\"model\":\"m\",\"input\":\"x\"," + all + "}")
                        .maxOutputTokens())
                .isEqualTo(OptionalLong.of(1));
        assertThat(scan(Form.ANTHROPIC_MESSAGES, "{\"model\":\"m\",\"messages\":[]," + all + "}")
                        .maxOutputTokens())
                .isEqualTo(OptionalLong.of(20));
    }

    @Test
    void theBytesOfPicturesAreToldApartFromText() {
        String url = "data:image/png;base64," + "A".repeat(5_000);
        RequestScan chat = scan(Form.OPENAI_CHAT, """
                {"model":"m","messages":[{"role":"user","content":[{"image_url":{"url":"%s"},"type":"image_url"},
                 {"type":"text","text":"What is it?","image_url":"%s"}]}]}""".formatted(url, "B".repeat(300)));

        assertThat(chat.imageBytes()).isBetween((long) url.length(), url.length() + 20L);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "model | missing_field | {'messages':[]}",
                "model | missing_field | {'messages':[],'model':''}",
                "messages | missing_field | {'model':'m'}",
                "model | wrong_type | {'messages':[],'model':7}",
                "messages | wrong_type | {'messages':'x','model':'m'}",
                "stream | wrong_type | {'messages':[],'model':'m','stream':'yes'}",
                "max_tokens | wrong_type | {'messages':[],'model':'m','max_tokens':1.5}",
                "max_tokens | wrong_type | {'messages':[],'model':'m','max_tokens':0}",
                "max_completion_tokens | wrong_type | {'messages':[],'model':'m','max_completion_tokens':99999999999}",
                "n | wrong_type | {'messages':[],'model':'m','n':'2'}",
                "tools | wrong_type | {'messages':[],'model':'m','tools':{}}",
                "response_format | wrong_type | {'messages':[],'model':'m','response_format':'json'}",
                "stream_options | wrong_type | {'messages':[],'model':'m','stream_options':true}",
                "stream_options.include_usage | wrong_type | {'messages':[],'model':'m','stream_options':{'include_usage':1}}",
                "stream_options.include_usage | repeated_field | {'messages':[],'model':'m','stream_options':{'include_usage':true,'include_usage':false}}",
                "model | repeated_field | {'messages':[],'model':'m','model':'n'}",
                "other | repeated_field | {'other':1,'other':1}",
            })
    void whatIsWrongIsNamed(String param, String code, String body) {
        ApiError error = refused(Form.OPENAI_CHAT, body.replace('\'', '"'), UTF_8);

        assertThat(error.param()).contains(param);
        assertThat(error.code()).isEqualTo(code);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "line 1, column 25 | {'model':'m','messages':oops}",
                "line 1, column 29 | {'model':'m','messages':[]} x",
                "line 1, column 13 | {'model':'m'",
            })
    void whatIsNoJsonIsToldWithItsPlace(String place, String body) {
        ApiError error = refused(Form.OPENAI_CHAT, body.replace('\'', '"'), UTF_8);

        assertThat(error.code()).isEqualTo("json_malformed");
        assertThat(error.message()).contains(place);
    }

    @Test
    void otherEncodingsAndOtherValuesAreRefused() {
        assertThat(refused(Form.OPENAI_CHAT, "{\"model\":\"m\",\"messages\":[]}", UTF_16)
                        .code())
                .isEqualTo("json_malformed");
        assertThat(refused(Form.OPENAI_CHAT, "\uFEFF{}", UTF_8).code()).isEqualTo("json_malformed");
        assertThat(refused(Form.OPENAI_CHAT, "", UTF_8).code()).isEqualTo("json_malformed");
        assertThat(refused(Form.OPENAI_CHAT, "[]", UTF_8).code()).isEqualTo("wrong_type");
    }

    @Test
    void aLimitOfNothingIsAnthropicsAlone() {
        String body = "{\"model\":\"m\",\"messages\":[],\"max_tokens\":0}";

        assertThat(scan(Form.ANTHROPIC_MESSAGES, body).maxOutputTokens()).isEqualTo(OptionalLong.of(0));
        assertThat(refused(Form.OPENAI_CHAT, body, UTF_8).param()).contains("max_tokens");
    }

    @Property
    void aSplicedNameLeavesEveryOtherByteAsItWas(
            @ForAll @StringLength(min = 1, max = 20) String model, @ForAll String before, @ForAll String after) {
        String head = " {\"prompt\": " + Json.text(before) + ",\n\"model\" : ";
        String tail = " , \"messages\":[{\"content\":" + Json.text(after) + "}]}\n";
        byte[] body = (head + Json.text(model) + tail).getBytes(UTF_8);

        RequestScan scan = RequestScan.of(Form.OPENAI_CHAT, body);

        assertThat(scan.model()).isEqualTo(model);
        assertThat(scan.withModel(body, "öther/\"name\""))
                .asString(UTF_8)
                .isEqualTo(head + "\"öther/\\\"name\\\"\"" + tail);
    }

    @Property
    void theScanSeesWhatATreeHas(
            @ForAll boolean stream,
            @ForAll boolean usage,
            @ForAll @IntRange(min = 1) int most,
            @ForAll @IntRange(min = 1, max = 9) int n,
            @ForAll @IntRange(max = 5) int images,
            @ForAll String text) {
        ObjectNode body = (ObjectNode) Json.tree("{}");
        body.put("n", n).put("stream", stream).put("max_tokens", most).put("model", "m" + text);
        body.putObject("stream_options").put("padding", text).put("include_usage", usage);
        ObjectNode message = body.putArray("messages").addObject().put("content", text);
        for (int i = 0; i < images; i++) {
            message.withArrayProperty("more").addObject().put("type", "image_url");
            body.withArrayProperty("messages")
                    .addObject()
                    .putArray("content")
                    .addObject()
                    .put("type", "image_url");
        }

        RequestScan scan = RequestScan.of(Form.OPENAI_CHAT, Json.bytes(body));

        assertThat(scan.model()).isEqualTo("m" + text);
        assertThat(scan.stream()).isEqualTo(stream);
        assertThat(scan.includeUsage()).isEqualTo(usage);
        assertThat(scan.maxOutputTokens()).isEqualTo(OptionalLong.of(most));
        assertThat(scan.n()).isEqualTo(n);
        assertThat(scan.images()).isEqualTo(images);
    }
}
