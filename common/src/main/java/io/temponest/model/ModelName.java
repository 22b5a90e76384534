package io.temponest.model;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Which model of which provider; the text form is {@code provider/model}, where the model may hold further slashes.
 */
public record ModelName(String provider, String model) {

    private static final Pattern FORM = Pattern.compile("([a-z0-9][a-z0-9_-]{0,40})/([\\w.:/@+-]{1,200})");

    public static Optional<ModelName> find(String text) {
        Matcher matcher = FORM.matcher(text);
        return matcher.matches() ? Optional.of(new ModelName(matcher.group(1), matcher.group(2))) : Optional.empty();
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
