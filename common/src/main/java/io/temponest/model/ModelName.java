package io.temponest.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;

/**
 * Which model of which provider; the text form is {@code provider/model}, where the model may hold further slashes.
 */
public record ModelName(String provider, String model) {

    private static final int LONGEST_PROVIDER = 41;
    private static final int LONGEST_MODEL = 200;

    /** Empty for what has another form: providers have small letters, digits, - and _, models large ones and . : / @ + too. */
    public static Optional<ModelName> find(String text) {
        int slash = text.indexOf('/');
        boolean form = slash > 0
                && slash <= LONGEST_PROVIDER
                && text.length() > slash + 1
                && text.length() <= slash + 1 + LONGEST_MODEL
                && isSmall(text.charAt(0));
        for (int i = 1; form && i < text.length(); i++) {
            char c = text.charAt(i);
            boolean ofModel = (c >= 'A' && c <= 'Z') || ".:/@+".indexOf(c) >= 0;
            form = isSmall(c) || c == '_' || c == '-' || (ofModel && i >= slash);
        }
        return form
                ? Optional.of(new ModelName(text.substring(0, slash), text.substring(slash + 1)))
                : Optional.empty();
    }

    private static boolean isSmall(char c) {
        return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9');
    }

    @JsonCreator
    public static ModelName parse(String text) {
        return find(text)
                .orElseThrow(
                        () -> new IllegalArgumentException("must have the form provider/model, not '" + text + "'"));
    }

    @Override
    @JsonValue
    public String toString() {
        return provider + "/" + model;
    }
}
