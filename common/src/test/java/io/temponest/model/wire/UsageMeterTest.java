package io.temponest.model.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.model.wire.answer.Tokens;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;

class UsageMeterTest {

    @Test
    void withoutNumbersTheCharactersAreCounted() {
        UsageMeter meter = new UsageMeter(Form.OPENAI_CHAT);

        meter.event(
                "{\"choices\":[{\"delta\":{\"content\": \"a\\n\\u00e9\\\"z\"},\"finish_reason\":null}],\"usage\":null}");
        meter.event("{\"choices\":[{\"delta\":{\"tool_calls\":[{\"function\":{\"arguments\":\"{}\"}}]}}]}");
        meter.event("[DONE]");

        assertThat(meter.tokens()).isEmpty();
        assertThat(meter.finishReason()).isEmpty();
        assertThat(meter.outputCharacters()).isEqualTo(7);
    }

    @Test
    void whatATextOrAToolSaysOfUsageIsNoUsage() {
        UsageMeter chat = new UsageMeter(Form.OPENAI_CHAT);
        UsageMeter anthropic = new UsageMeter(Form.ANTHROPIC_MESSAGES);

        chat.event("{\"choices\":[{\"delta\":{\"content\":\"\\\"usage\\\":{\\\"prompt_tokens\\\":9}\"}}]}");
        anthropic.whole(
                "{\"content\":[{\"type\":\"tool_use\",\"input\":{\"usage\":{\"input_tokens\":9},\"stop_reason\":\"x\"}}],\"stop_reason\":\"tool_use\",\"usage\":{\"input_tokens\":3,\"cache_read_input_tokens\":2,\"cache_creation_input_tokens\":1,\"output_tokens\":4}}"
                        .getBytes(UTF_8));

        assertThat(chat.tokens()).isEmpty();
        assertThat(anthropic.tokens()).contains(new Tokens(6, 2, 1, 4, 0));
        assertThat(anthropic.finishReason()).contains("tool_use");
    }

    @Test
    void aResponseIsReadFromItsLastEvent() {
        UsageMeter meter = new UsageMeter(Form.OPENAI_RESPONSES);

        meter.event(
                "{\"type\":\"response.completed\",\"response\":{\"usage\":{\"input_tokens\":36,\"input_tokens_details\":{\"cached_tokens\":10},\"output_tokens\":87,\"output_tokens_details\":{\"reasoning_tokens\":7}}}}");

        assertThat(meter.tokens()).contains(new Tokens(36, 10, 0, 87, 7));
    }

    @Property
    void noDataBreaksIt(@ForAll String data) {
        UsageMeter meter = new UsageMeter(Form.OLLAMA_CHAT);

        meter.event(data);
        meter.event("{\"usage\":{" + data);

        assertThat(meter.tokens()).isEmpty();
    }
}
