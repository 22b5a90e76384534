package io.temponest.model.wire;

import io.temponest.json.Json;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What routing needs to know of a client's request, read over its bytes without a tree.
 *
 * @param model the model's name as the client wrote it
 * @param modelPlace the bytes of that string, with its quotes
 * @param stream whether the answer is to be streamed
 * @param maxOutputTokens the limit of each answer
 * @param limitHasNewName whether that is {@code max_completion_tokens}, which older servers do not know
 * @param n how many answers are wanted
 * @param tools whether there is a tool
 * @param responseFormat whether the answer has to have a form other than plain text
 * @param images how many pictures the conversation holds
 * @param imageBytes what of the body is those pictures
 * @param start the byte at which the body's object begins
 * @param options where the request has its stream options
 */
public record RequestScan(
        String model,
        Place modelPlace,
        boolean stream,
        OptionalLong maxOutputTokens,
        boolean limitHasNewName,
        int n,
        boolean tools,
        boolean responseFormat,
        int images,
        long imageBytes,
        int start,
        Options options) {

    /** A range of bytes. */
    public record Place(int from, int to) {}

    /**
     * The {@code stream_options} of a chat request.
     *
     * @param nothing the place of an explicit null
     * @param object the place of the object's opening brace
     * @param empty whether the object has no fields
     * @param includeUsage the place of the value of {@code include_usage}
     * @param asked that value
     */
    public record Options(
            Optional<Place> nothing,
            Optional<Place> object,
            boolean empty,
            Optional<Place> includeUsage,
            boolean asked) {

        static final Options NONE = new Options(Optional.empty(), Optional.empty(), true, Optional.empty(), false);
    }

    /**
     * Reads a body.
     *
     * @throws io.temponest.error.ApiException of type {@code invalid_request_error}: with the field for a missing, repeated
     *     or wrong one, with line and column for what is not JSON in UTF-8
     */
    public static RequestScan of(Form form, byte[] body) {
        return new RequestScanner(form, body).scan();
    }

    /** Whether the client asked for usage at the end of its stream. */
    public boolean includeUsage() {
        return options.asked();
    }

    /** The body with another model's name; every other byte as it was. */
    public byte[] withModel(byte[] body, String name) {
        return IncludeUsage.splice(body, modelPlace, Json.text(name));
    }
}
