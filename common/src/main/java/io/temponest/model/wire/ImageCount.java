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

    private static ImageCount within(JsonParser parser) throws IOException {
        ImageCount images = NONE;
        boolean image = false;
        long bytes = 0;
        while (parser.nextToken() == JsonToken.FIELD_NAME) {
            String name = parser.currentName();
            JsonToken value = parser.nextToken();
            if (name.equals("type") && value == JsonToken.VALUE_STRING) {
                image |= isImage(parser.getText());
            } else if (value == JsonToken.START_ARRAY && (name.equals("content") || name.equals("output"))) {
                images = images.and(among(parser));
            } else if (name.equals("image_url") || name.equals("source")) {
                long from = parser.currentTokenLocation().getByteOffset();
                parser.skipChildren();
                parser.finishToken();
                bytes += parser.currentLocation().getByteOffset() - from;
            } else {
                parser.skipChildren();
            }
        }
        return image ? images.and(new ImageCount(1, bytes)) : images;
    }

    /** The word of each client form for a part that is a picture. */
    private static boolean isImage(String type) {
        return type.equals("image_url") || type.equals("input_image") || type.equals("image");
    }
}
