package io.temponest.model.wire;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import java.io.IOException;

/**
 * Pictures among messages, their parts and the parts of tool results, but nowhere within what a tool gets.
 *
 * @param bytes what of the body they are
 */
record ImageCount(int count, long bytes) {

    static final ImageCount NONE = new ImageCount(0, 0);

    private ImageCount and(ImageCount other) {
        return new ImageCount(count + other.count, bytes + other.bytes);
    }

    /** Reads an array to its end. */
    static ImageCount among(JsonParser parser) throws IOException {
        ImageCount images = NONE;
        while (parser.nextToken() != JsonToken.END_ARRAY) {
            if (parser.currentToken() == JsonToken.START_OBJECT) {
                images = images.and(within(parser));
            } else {
                parser.skipChildren();
            }
        }
        return images;
    }

    /** Of fields with one name the last counts, as for those who are asked. */
    private static ImageCount within(JsonParser parser) throws IOException {
        ImageCount content = NONE;
        ImageCount output = NONE;
        boolean image = false;
        long url = 0;
        long source = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            switch (name) {
                case "type" -> {
                    image = value == JsonToken.VALUE_STRING && isImage(parser.getText());
                    parser.skipChildren();
                }
                case "content" -> content = inside(value, parser);
                case "output" -> output = inside(value, parser);
                case "image_url" -> url = skipped(parser);
                case "source" -> source = skipped(parser);
                default -> parser.skipChildren();
            }
        }
        ImageCount inside = content.and(output);
        return image ? inside.and(new ImageCount(1, url + source)) : inside;
    }

    private static ImageCount inside(JsonToken value, JsonParser parser) throws IOException {
        if (value == JsonToken.START_ARRAY) {
            return among(parser);
        }
        parser.skipChildren();
        return NONE;
    }

    /** How many bytes a value has that is read over. */
    private static long skipped(JsonParser parser) throws IOException {
        long from = parser.currentTokenLocation().getByteOffset();
        parser.skipChildren();
        parser.finishToken();
        return parser.currentLocation().getByteOffset() - from;
    }

    /** The word of each client form for a part that is a picture. */
    private static boolean isImage(String type) {
        return type.equals("image_url") || type.equals("input_image") || type.equals("image");
    }
}
