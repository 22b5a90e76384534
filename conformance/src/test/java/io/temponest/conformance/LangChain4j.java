package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import dev.langchain4j.agent.tool.ToolExecutionRequest;
import dev.langchain4j.agent.tool.ToolSpecification;
import dev.langchain4j.data.embedding.Embedding;
import dev.langchain4j.data.message.AiMessage;
import dev.langchain4j.data.message.ChatMessage;
import dev.langchain4j.data.message.ToolExecutionResultMessage;
import dev.langchain4j.data.message.UserMessage;
import dev.langchain4j.data.segment.TextSegment;
import dev.langchain4j.exception.HttpException;
import dev.langchain4j.http.client.HttpClientBuilder;
import dev.langchain4j.model.catalog.ModelCatalog;
import dev.langchain4j.model.catalog.ModelDescription;
import dev.langchain4j.model.chat.ChatModel;
import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.request.ResponseFormat;
import dev.langchain4j.model.chat.request.ResponseFormatType;
import dev.langchain4j.model.chat.request.json.JsonObjectSchema;
import dev.langchain4j.model.chat.request.json.JsonSchema;
import dev.langchain4j.model.embedding.EmbeddingModel;
import io.temponest.conformance.Seen.Thrown;
import io.temponest.json.Json;
import java.io.UncheckedIOException;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** LangChain4j with one of its providers. */
record LangChain4j(String name, String title, Set<Verb> verbs, Manner manner, Models models) implements Sdk {

    private static final ToolSpecification ADD = ToolSpecification.builder()
            .name("add")
            .description("Adds two numbers.")
            .parameters(JsonObjectSchema.builder()
                    .addIntegerProperty("a")
                    .addIntegerProperty("b")
                    .required("a", "b")
                    .build())
            .build();

    private static final ResponseFormat PLACE = ResponseFormat.builder()
            .type(ResponseFormatType.JSON)
            .jsonSchema(JsonSchema.builder()
                    .name("place")
                    .rootElement(JsonObjectSchema.builder()
                            .addStringProperty("city")
                            .addIntegerProperty("people")
                            .required("city", "people")
                            .build())
                    .build())
            .build();

    /** Makes the provider's classes. */
    interface Models {

        ChatModel chat(Ask ask, HttpClientBuilder http);

        StreamingChatModel streaming(Ask ask, HttpClientBuilder http);

        EmbeddingModel embedding(Ask ask, HttpClientBuilder http);

        ModelCatalog catalog(Ask ask, HttpClientBuilder http);
    }

    @Override
    public String version() {
        return "dev.langchain4j:%s %s".formatted(title, Versions.java(ChatModel.class));
    }

    @Override
    public Seen perform(Ask ask) {
        CountingHttp http = new CountingHttp();
        Hearing hearing = new Hearing(ask);
        try {
            String text = perform(ask, http, hearing);
            return new Seen(text.isEmpty() ? hearing.text() : text, http.requests(), hearing.failed());
        } catch (RuntimeException e) {
            return new Seen(hearing.text(), http.requests(), Optional.of(told(e)));
        }
    }

    private String perform(Ask ask, CountingHttp http, Hearing hearing) {
        return switch (ask.verb()) {
            case TEXT -> models.chat(ask, http).chat(ask.text());
            case TOOL -> tool(models.chat(ask, http), ask);
            case OBJECT ->
                models.chat(ask, http)
                        .chat(request(UserMessage.from(ask.text()))
                                .responseFormat(PLACE)
                                .build())
                        .aiMessage()
                        .text();
            case STREAM, HANG_UP, TOOL_STREAM ->
                new LangChain4jStream(ask, hearing)
                        .read(
                                models.streaming(ask, http),
                                request(UserMessage.from(ask.text()))
                                        .toolSpecifications(ask.verb() == Verb.TOOL_STREAM ? List.of(ADD) : List.of())
                                        .build());
            case VECTORS ->
                GoodCases.written(
                        models
                                .embedding(ask, http)
                                .embedAll(Sdk.TEXTS.stream()
                                        .map(TextSegment::from)
                                        .toList())
                                .content()
                                .stream()
                                .map(Embedding::vectorAsList)
                                .toList());
            case MODELS ->
                models.catalog(ask, http).listModels().stream()
                        .map(ModelDescription::name)
                        .collect(Collectors.joining(" "));
            case BETA, VECTORS_AS_NUMBERS -> throw new UnsupportedOperationException();
        };
    }

    private static ChatRequest.Builder request(ChatMessage... messages) {
        return ChatRequest.builder().messages(messages);
    }

    private static String tool(ChatModel model, Ask ask) {
        UserMessage question = UserMessage.from(ask.text());
        AiMessage wanted =
                model.chat(request(question).toolSpecifications(ADD).build()).aiMessage();
        ToolExecutionRequest call = wanted.toolExecutionRequests().getFirst();
        JsonNode arguments = Json.tree(call.arguments());
        String sum = Integer.toString(
                arguments.path("a").asInt() + arguments.path("b").asInt());
        return model.chat(request(question, wanted, ToolExecutionResultMessage.from(call, sum))
                        .toolSpecifications(ADD)
                        .build())
                .aiMessage()
                .text();
    }

    /** Its exceptions have TempoNest's answer as their words; the status is that of the HTTP client's. */
    static Thrown told(Throwable e) {
        int status = 0;
        for (Throwable cause = e; cause != null; cause = cause.getCause()) {
            if (cause instanceof HttpException http) {
                status = http.statusCode();
            }
        }
        String message = String.valueOf(e.getMessage());
        return new Thrown(e.getClass().getSimpleName(), status, code(message), message);
    }

    private static String code(String message) {
        try {
            JsonNode error = Json.tree(message).path("error");
            return error.path("code").asText(error.path("type").asText());
        } catch (UncheckedIOException e) {
            return "";
        }
    }
}
