package io.temponest.conformance;

import static io.temponest.conformance.Failure.DOWN;
import static io.temponest.conformance.Failure.LIMITED;
import static io.temponest.conformance.Failure.NO_CREDENTIALS;
import static io.temponest.conformance.Failure.NO_MONEY;
import static io.temponest.conformance.Failure.RESTING;

import io.temponest.conformance.Seen.Thrown;
import java.util.EnumSet;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;

/** How each SDK tells failures. */
final class Manners {

    private static final Set<Failure> NONE = Set.of();

    /** What passes by itself, as the status says; these SDKs do not know {@code x-should-retry}. */
    private static final Set<Failure> BY_STATUS = EnumSet.of(DOWN, RESTING, LIMITED, NO_MONEY, NO_CREDENTIALS);

    private static final Map<Integer, String> NODE = Map.of(
            400, "BadRequestError",
            401, "AuthenticationError",
            404, "NotFoundError",
            413, "APIError",
            429, "RateLimitError",
            502, "InternalServerError",
            503, "InternalServerError");

    private static final Map<Integer, String> JAVA = Map.of(
            400, "BadRequestException",
            401, "UnauthorizedException",
            404, "NotFoundException",
            413, "UnexpectedStatusCodeException",
            429, "RateLimitException",
            502, "InternalServerException",
            503, "InternalServerException");

    private static final Map<Integer, String> LANGCHAIN4J_CLASSES = Map.of(
            400, "InvalidRequestException",
            401, "AuthenticationException",
            404, "ModelNotFoundException",
            413, "InvalidRequestException",
            429, "RateLimitException",
            502, "InternalServerException",
            503, "InternalServerException");

    static final Manner OPENAI_NODE =
            new Manner(by(NODE, Failure::code, failure -> thrown("APIError", 0, failure.code(), failure)), NONE);

    /** The Responses API has its own list of codes. */
    static final Manner OPENAI_NODE_RESPONSES = new Manner(by(NODE, Failure::code, Manners::failedResponse), NONE);

    static final Manner ANTHROPIC_NODE = new Manner(
            failure -> failure == Failure.TOO_LARGE
                    ? thrown("ContentTooLargeError", 413, failure.anthropicType(), failure)
                    : by(NODE, Failure::anthropicType, broken -> thrown("APIError", 0, broken.anthropicType(), broken))
                            .apply(failure),
            NONE);

    /** A part of the stream, after which the broken connection is an exception. */
    static final Manner AI_CHAT =
            new Manner(ai(Failure::code, failure -> thrown("error part", 0, failure.code(), failure)), BY_STATUS);

    static final Manner AI_RESPONSES =
            new Manner(ai(Failure::code, failure -> thrown("error part", 500, "server_error", failure)), BY_STATUS);

    static final Manner AI_ANTHROPIC = new Manner(
            ai(Failure::anthropicType, failure -> thrown("error part", 0, failure.anthropicType(), failure)),
            BY_STATUS);

    /** It knows that a quota, or a wait of more than a minute, is not worth another try. */
    static final Manner LANGCHAIN = new Manner(OPENAI_NODE.told(), EnumSet.of(DOWN, RESTING, NO_CREDENTIALS));

    static final Manner OPENAI_JAVA =
            new Manner(by(JAVA, Failure::code, failure -> thrown("SseException", 0, failure.code(), failure)), NONE);

    static final Manner OPENAI_JAVA_RESPONSES = new Manner(by(JAVA, Failure::code, Manners::failedResponse), NONE);

    /** It passes over the frame with the error, and fails when the connection breaks. */
    static final Manner LANGCHAIN4J_OPENAI = new Manner(
            by(LANGCHAIN4J_CLASSES, Failure::code, failure -> new Thrown("LangChain4jException", 0, "", "closed")),
            BY_STATUS);

    static final Manner LANGCHAIN4J_ANTHROPIC = new Manner(
            by(
                    LANGCHAIN4J_CLASSES,
                    Failure::anthropicType,
                    failure -> thrown("AnthropicStreamingException", 0, "", failure)),
            BY_STATUS);

    private Manners() {}

    private static Function<Failure, Thrown> by(
            Map<Integer, String> classes, Function<Failure, String> code, Function<Failure, Thrown> inStream) {
        return failure -> failure.inStream()
                ? inStream.apply(failure)
                : thrown(classes.getOrDefault(failure.status(), "?"), failure.status(), code.apply(failure), failure);
    }

    private static Function<Failure, Thrown> ai(Function<Failure, String> code, Function<Failure, Thrown> inStream) {
        return failure -> failure.inStream()
                ? inStream.apply(failure)
                : thrown(
                        BY_STATUS.contains(failure) ? "AI_RetryError" : "AI_APICallError",
                        failure.status(),
                        code.apply(failure),
                        failure);
    }

    /** An event of the stream, as with OpenAI itself: the SDK does not throw. */
    private static Thrown failedResponse(Failure failure) {
        return thrown("response.failed", 0, "server_error", failure);
    }

    private static Thrown thrown(String type, int status, String code, Failure failure) {
        return new Thrown(type, status, code, failure.words());
    }
}
