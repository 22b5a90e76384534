package io.temponest.model.wire;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class IncludeUsageTest {

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                " {'model':'m','messages':[],'stream':true} |  {'stream_options':{'include_usage':true},'model':'m','messages':[],'stream':true} ",
                "{'model':'m','stream_options': null ,'messages':[],'stream':true} | {'model':'m','stream_options': {'include_usage':true} ,'messages':[],'stream':true}",
                "{'model':'m','stream_options': { } ,'messages':[],'stream':true} | {'model':'m','stream_options': {'include_usage':true } ,'messages':[],'stream':true}",
                "{'model':'m','stream_options':{ 'é':1},'messages':[],'stream':true} | {'model':'m','stream_options':{'include_usage':true, 'é':1},'messages':[],'stream':true}",
                "{'model':'é','stream_options':{'include_usage': false},'messages':[],'stream':true} | {'model':'é','stream_options':{'include_usage': true},'messages':[],'stream':true}",
                "{'model':'m','stream_options':{'include_usage':null },'messages':[],'stream':true} | {'model':'m','stream_options':{'include_usage':true },'messages':[],'stream':true}",
            })
    void aRequestThatDoesNotAskIsMadeTo(String before, String after) {
        byte[] body = before.replace('\'', '"').getBytes(UTF_8);
        RequestScan scan = RequestScan.of(Form.OPENAI_CHAT, body);

        byte[] asking = IncludeUsage.set(body, scan);

        assertThat(scan.includeUsage()).isFalse();
        assertThat(asking).asString(UTF_8).isEqualTo(after.replace('\'', '"'));
        assertThat(RequestScan.of(Form.OPENAI_CHAT, asking).includeUsage()).isTrue();
    }

    @Test
    void aRequestThatAsksStaysAsItIs() {
        byte[] body = "{\"stream_options\":{\"include_usage\":true},\"model\":\"m\",\"messages\":[],\"stream\":true}"
                .getBytes(UTF_8);

        assertThat(IncludeUsage.set(body, RequestScan.of(Form.OPENAI_CHAT, body)))
                .isSameAs(body);
    }

    @Test
    void aRequestForAWholeAnswerStaysAsItIs() {
        byte[] body = "{\"model\":\"m\",\"messages\":[]}".getBytes(UTF_8);

        assertThat(IncludeUsage.set(body, RequestScan.of(Form.OPENAI_CHAT, body)))
                .isSameAs(body);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            quoteCharacter = '`',
            value = {
                "true | {'choices':[],'usage':{'prompt_tokens':1}}",
                "true | {'usage': {'prompt_tokens':1}, 'choices': [ ]}",
                "false | {'choices':[],'usage':null}",
                "false | {'choices':[],'prompt_filter_results':[]}",
                "false | {'choices':[{'delta':{'content':'[]'}}],'usage':{'prompt_tokens':1}}",
                "false | {'choices':[{'delta':{'content':'\\'choices\\':[],\\'usage\\':{'}}],'usage':null}",
                "false | [DONE]",
            })
    void theChunkOfUsageAloneIsKnown(boolean alone, String data) {
        assertThat(IncludeUsage.isUsageOnly(data.replace('\'', '"'))).isEqualTo(alone);
    }
}
