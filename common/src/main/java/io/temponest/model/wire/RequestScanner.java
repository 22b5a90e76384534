package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import io.temponest.json.Json;
import io.temponest.model.wire.RequestScan.Options;
import io.temponest.model.wire.RequestScan.Place;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.util.HashSet;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Set;

/** Reads one request, see {@link RequestScan}. */
final class RequestScanner {

    private static final int UTF_8_MARK = 0xEF;

    private final Form form;
    private final byte[] body;
    private final Set<String> seen = new HashSet<>();
    private Optional<String> model = Optional.empty();
    private Place modelPlace = new Place(0, 0);
    private boolean stream;
    private OptionalLong maxOutputTokens = OptionalLong.empty();
    private int n = 1;
    private boolean tools;
    private boolean responseFormat;
    private ImageCount images = ImageCount.NONE;
    private boolean limitHasNewName;
    private Options options = Options.NONE;

    RequestScanner(Form form, byte[] body) {
        this.form = form;
        this.body = body;
    }

    RequestScan scan() {
        try (JsonParser parser = Json.LENIENT.createParser(body)) {
            return scan(parser);
        } catch (StreamConstraintsException e) {
            throw BodyFailure.of("json_too_complex", "The body is nested too deeply or holds too large a value.");
        } catch (JsonProcessingException e) {
            throw BodyFailure.malformed(e.getLocation());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private RequestScan scan(JsonParser parser) throws IOException {
        boolean marked = body.length > 0 && (body[0] & 0xFF) >= UTF_8_MARK;
        if (marked || parser.nextToken() == null) {
            throw BodyFailure.of("json_malformed", "The body is not a JSON object in UTF-8.");
        }
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw BodyFailure.of("wrong_type", "The body must be a JSON object.");
        }
        int start = from(parser);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String field = parser.currentName();
            if (!seen.add(field)) {
                throw BodyFailure.repeated(field);
            }
            parser.nextToken();
            field(field, parser);
        }
        if (parser.nextToken() != null) {
            throw BodyFailure.malformed(parser.currentTokenLocation());
        }
        if (!seen.contains(conversation())) {
            throw BodyFailure.missing(conversation());
        }
        return new RequestScan(
                model.orElseThrow(() -> BodyFailure.missing("model")),
                modelPlace,
                stream,
                maxOutputTokens,
                limitHasNewName,
                n,
                tools,
                responseFormat,
                images.count(),
                images.bytes(),
                start,
                options);
    }

    private String conversation() {
        return form == Form.OPENAI_RESPONSES ? "input" : "messages";
    }

    private String formatField() {
        return switch (form) {
            case OPENAI_RESPONSES -> "text";
            case ANTHROPIC_MESSAGES -> "output_config";
            case OPENAI_CHAT, OLLAMA_CHAT -> "response_format";
        };
    }

    private void field(String field, JsonParser parser) throws IOException {
        boolean absent = parser.currentToken() == JsonToken.VALUE_NULL;
        switch (field) {
            case "model" -> model(parser);
            case "stream" -> stream = !absent && flag(field, parser);
            case "max_completion_tokens", "max_tokens", "max_output_tokens" -> limit(field, absent, parser);
            case "n" -> n = absent ? 1 : (int) count(field, parser).getAsLong();
            case "tools" -> tools = !absent && array(field, parser);
            case "response_format", "text", "output_config" -> {
                if (!absent && field.equals(formatField())) {
                    format(field, parser);
                } else {
                    parser.skipChildren();
                }
            }
            case "stream_options" -> streamOptions(absent, parser);
            case "messages", "input" -> conversation(field, parser);
            default -> parser.skipChildren();
        }
    }

    /** A field that is another API's would limit nothing. */
    private void limit(String field, boolean absent, JsonParser parser) throws IOException {
        boolean newName = field.equals("max_completion_tokens");
        boolean own = switch (form) {
            case OPENAI_RESPONSES -> field.equals("max_output_tokens");
            case ANTHROPIC_MESSAGES -> field.equals("max_tokens");
            case OPENAI_CHAT, OLLAMA_CHAT -> newName || field.equals("max_tokens");
        };
        if (!own) {
            parser.skipChildren();
        } else if (!absent) {
            OptionalLong limit = count(field, parser);
            maxOutputTokens = newName || maxOutputTokens.isEmpty() ? limit : maxOutputTokens;
            limitHasNewName |= newName;
        }
    }

    private void model(JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.VALUE_STRING) {
            throw BodyFailure.wrong("model", "a string");
        }
        int from = from(parser);
        String name = parser.getText();
        if (name.isEmpty()) {
            throw BodyFailure.missing("model");
        }
        model = Optional.of(name);
        modelPlace = new Place(from, (int) parser.currentLocation().getByteOffset());
    }

    private static int from(JsonParser parser) {
        return (int) parser.currentTokenLocation().getByteOffset();
    }

    private static boolean flag(String field, JsonParser parser) {
        if (!parser.currentToken().isBoolean()) {
            throw BodyFailure.wrong(field, "true or false");
        }
        return parser.currentToken() == JsonToken.VALUE_TRUE;
    }

    /** Anthropic takes a limit of 0, which fills its cache and answers nothing. */
    private OptionalLong count(String field, JsonParser parser) throws IOException {
        int least = form == Form.ANTHROPIC_MESSAGES ? 0 : 1;
        boolean whole = parser.currentToken() == JsonToken.VALUE_NUMBER_INT
                && parser.getNumberType() == JsonParser.NumberType.INT;
        if (!whole || parser.getIntValue() < least) {
            throw BodyFailure.wrong(field, "a whole number from %d to %d".formatted(least, Integer.MAX_VALUE));
        }
        return OptionalLong.of(parser.getIntValue());
    }

    /** Whether an array holds anything. */
    private static boolean array(String field, JsonParser parser) throws IOException {
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw BodyFailure.wrong(field, "an array");
        }
        boolean filled = false;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            filled = true;
            parser.skipChildren();
        }
        return filled;
    }

    /** Looks for a type other than text: of the object itself in a chat, of its {@code format} in the others. */
    private void format(String field, JsonParser parser) throws IOException {
        object(field, parser);
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            parser.nextToken();
            if (name.equals("type")) {
                responseFormat = parser.currentToken() != JsonToken.VALUE_STRING
                        || !parser.getText().equals("text");
            } else if (name.equals("format") && parser.currentToken() != JsonToken.VALUE_NULL) {
                format(field + ".format", parser);
            } else {
                parser.skipChildren();
            }
        }
    }

    private static void object(String field, JsonParser parser) {
        if (parser.currentToken() != JsonToken.START_OBJECT) {
            throw BodyFailure.wrong(field, "an object");
        }
    }

    private void streamOptions(boolean absent, JsonParser parser) throws IOException {
        int from = from(parser);
        if (absent) {
            Place place = new Place(from, from + "null".length());
            options = new Options(Optional.of(place), Optional.empty(), true, Optional.empty(), false);
            return;
        }
        object("stream_options", parser);
        Optional<Place> value = Optional.empty();
        boolean asked = false;
        boolean empty = true;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            empty = false;
            boolean usage = parser.currentName().equals("include_usage");
            parser.nextToken();
            if (usage) {
                if (value.isPresent()) {
                    throw BodyFailure.repeated("stream_options.include_usage");
                }
                asked = parser.currentToken() != JsonToken.VALUE_NULL && flag("stream_options.include_usage", parser);
                int length = parser.getText().length();
                value = Optional.of(new Place(from(parser), from(parser) + length));
            } else {
                parser.skipChildren();
            }
        }
        options = new Options(Optional.empty(), Optional.of(new Place(from, from + 1)), empty, value, asked);
    }

    private void conversation(String field, JsonParser parser) throws IOException {
        boolean text = parser.currentToken() == JsonToken.VALUE_STRING && field.equals("input");
        if (!field.equals(conversation()) || text) {
            parser.skipChildren();
            return;
        }
        if (parser.currentToken() != JsonToken.START_ARRAY) {
            throw BodyFailure.wrong(field, field.equals("input") ? "a string or an array" : "an array");
        }
        images = ImageCount.among(parser);
    }
}
