package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.testing.FakeProvider.Act;
import java.util.Map;

/** The form in which a provider speaks. */
interface Voice {

    /** Whose API it is. */
    String form();

    /** The name of the provider that speaks so. */
    String provider();

    /** An answer in one piece. */
    String whole(String text);

    /** A call of a tool, in one piece. */
    String wholeCall(String id, String tool, String arguments);

    /** What a stream begins with before there is anything of its answer. */
    String opening();

    /** A piece of text. */
    String piece(String text);

    /** A call of a tool in a stream, all of it. */
    String call(String id, String tool, String arguments);

    /** The end of a stream whose last piece was one of text. */
    String closing();

    /** The end of a stream whose last piece was a call. */
    String closingCall();

    /** A failure in the middle of a stream. */
    String failure(String message);

    /** A refusal of the whole request. */
    Act refusal(int status, String code, String message, Map<String, String> headers);

    /** What a request has of the result of a tool's call, as {@code id=result}. */
    String toolResult(JsonNode request);

    /** Whether a request demands an answer by a schema with these properties. */
    boolean wantsObject(JsonNode request, String... properties);

    /** The words of the last message of a request. */
    String lastWords(JsonNode request);
}
