package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.json.Json;
import io.temponest.model.wire.answer.Answer;
import io.temponest.model.wire.answer.AnswerReader;
import io.temponest.model.wire.answer.Answering;
import io.temponest.model.wire.answer.AnthropicAnswers;
import io.temponest.model.wire.answer.ChatAnswers;
import io.temponest.model.wire.answer.CompleteAnswer;
import io.temponest.model.wire.answer.OllamaAnswers;
import io.temponest.model.wire.answer.Piece;
import io.temponest.model.wire.reply.AnthropicBody;
import io.temponest.model.wire.reply.AnthropicFrames;
import io.temponest.model.wire.reply.ChatBody;
import io.temponest.model.wire.reply.ChatFrames;
import io.temponest.model.wire.reply.Frames;
import io.temponest.model.wire.reply.ResponsesBody;
import io.temponest.model.wire.reply.ResponsesFrames;
import io.temponest.model.wire.request.AnthropicToChat;
import io.temponest.model.wire.request.ChatToAnthropic;
import io.temponest.model.wire.request.ChatToOllama;
import io.temponest.model.wire.request.ChatToOpenAi;
import io.temponest.model.wire.request.ClientNames;
import io.temponest.model.wire.request.ResponsesToChat;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.stream.Collectors;

/**
 * Translates requests to providers and answers to clients. Where both sides have the same form the bytes pass as they are,
 * but for the model's name. Functions of this class keep no state; a pair that has no use, such as an Ollama client, is an
 * {@link IllegalArgumentException}.
 */
public final class Wire {

    private Wire() {}

    /**
     * A client's request as one for a provider that knows what is newest in its API.
     *
     * @param model the name that the provider knows the model by
     * @throws ApiException of type {@code invalid_request_error} with the field as the client wrote it: for what the
     *     provider's API cannot express (code {@code not_translatable}), and for a body that is not valid
     */
    public static byte[] request(Form from, Form to, byte[] body, String model) {
        return request(from, to, body, model, true);
    }

    /**
     * A client's request as one for a provider.
     *
     * @param newLimitName whether a provider of OpenAI's API knows the limit of output as {@code max_completion_tokens}; a
     *     server that does not would answer without a limit
     */
    public static byte[] request(Form from, Form to, byte[] body, String model, boolean newLimitName) {
        if (from == to) {
            return RequestScan.of(from, body).withModel(body, model);
        }
        ObjectNode chat = chat(from, tree(body));
        chat.put("model", model);
        try {
            return Json.bytes(provider(to, chat, newLimitName));
        } catch (ApiException refused) {
            throw named(from, refused.error()).exception();
        }
    }

    private static ObjectNode chat(Form from, ObjectNode request) {
        return switch (from) {
            case OPENAI_CHAT -> request;
            case OPENAI_RESPONSES -> ResponsesToChat.translate(request);
            case ANTHROPIC_MESSAGES -> AnthropicToChat.translate(request);
            case OLLAMA_CHAT -> throw unused(from, "client");
        };
    }

    private static ObjectNode provider(Form to, ObjectNode chat, boolean newLimitName) {
        return switch (to) {
            case OPENAI_CHAT -> ChatToOpenAi.translate(chat, newLimitName);
            case ANTHROPIC_MESSAGES -> ChatToAnthropic.translate(chat);
            case OLLAMA_CHAT -> ChatToOllama.translate(chat);
            case OPENAI_RESPONSES -> throw unused(to, "provider");
        };
    }

    private static ApiError named(Form from, ApiError error) {
        return switch (from) {
            case OPENAI_RESPONSES -> renamed(ClientNames.RESPONSES, error);
            case ANTHROPIC_MESSAGES -> renamed(ClientNames.ANTHROPIC, error);
            case OPENAI_CHAT, OLLAMA_CHAT -> error;
        };
    }

    private static ApiError renamed(ClientNames names, ApiError error) {
        return error.param()
                .filter(param -> !names.of(param).equals(param))
                .map(param -> new ApiError(
                        error.type(),
                        error.message().replace("'" + param + "'", "'" + names.of(param) + "'"),
                        error.param().map(names::of),
                        error.code()))
                .orElse(error);
    }

    private static ObjectNode tree(byte[] body) {
        try {
            if (Json.LENIENT.readTree(body) instanceof ObjectNode object) {
                return object;
            }
        } catch (JsonProcessingException e) {
            throw BodyFailure.malformed(e.getLocation());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw BodyFailure.of("wrong_type", "The body must be a JSON object.");
    }

    /**
     * A provider's whole answer as one for a client.
     *
     * @param from the provider's form
     * @param to the client's form
     * @throws ApiException of type {@code upstream_error} for an answer that cannot be understood
     */
    public static byte[] answer(Form from, Form to, byte[] body, Answering context) {
        if (from == to) {
            return body;
        }
        Answer answer = new Answer();
        for (Piece piece : reader(from, context).whole(answerTree(body))) {
            if (piece instanceof Piece.Broken broken) {
                throw broken.error().exception();
            }
            answer.add(piece);
        }
        return body(to, answer, context);
    }

    private static byte[] body(Form to, Answer answer, Answering context) {
        return Json.bytes(
                switch (to) {
                    case OPENAI_CHAT -> ChatBody.write(answer, context);
                    case OPENAI_RESPONSES -> ResponsesBody.write(answer, context);
                    case ANTHROPIC_MESSAGES -> AnthropicBody.write(answer, context);
                    case OLLAMA_CHAT -> throw unused(to, "client");
                });
    }

    /**
     * An answer that was taken down, whole.
     *
     * @param to the client's form
     */
    public static byte[] whole(CompleteAnswer kept, Form to, Answering context) {
        Answer answer = new Answer();
        kept.pieces().forEach(answer::add);
        return body(to, answer, context);
    }

    /**
     * An answer that was taken down, as all the frames of a stream.
     *
     * @param to the client's form
     */
    public static String frames(CompleteAnswer kept, Form to, Answering context) {
        Frames frames = frames(to, context);
        return kept.pieces().stream()
                .flatMap(piece -> frames.write(piece).stream())
                .collect(Collectors.joining());
    }

    private static JsonNode answerTree(byte[] body) {
        try {
            return Json.LENIENT.readTree(body);
        } catch (IOException e) {
            throw AnswerReader.unreadable().exception();
        }
    }

    /**
     * The translation of one stream.
     *
     * @param from the provider's form
     * @param to the client's form
     */
    public static StreamTranslation stream(Form from, Form to, Answering context) {
        return from == to
                ? new PassedStream(frames(to, context), to, context.includeUsage())
                : new TranslatedStream(reader(from, context), frames(to, context));
    }

    static AnswerReader reader(Form from, Answering context) {
        return switch (from) {
            case OPENAI_CHAT -> new ChatAnswers(context);
            case ANTHROPIC_MESSAGES -> new AnthropicAnswers();
            case OLLAMA_CHAT -> new OllamaAnswers(context);
            case OPENAI_RESPONSES -> throw unused(from, "provider");
        };
    }

    private static Frames frames(Form to, Answering context) {
        return switch (to) {
            case OPENAI_CHAT -> new ChatFrames(context);
            case OPENAI_RESPONSES -> new ResponsesFrames(context);
            case ANTHROPIC_MESSAGES -> new AnthropicFrames(context);
            case OLLAMA_CHAT -> throw unused(to, "client");
        };
    }

    private static IllegalArgumentException unused(Form form, String side) {
        return new IllegalArgumentException("no " + side + " of the form " + form + " is known");
    }
}
