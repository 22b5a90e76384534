package io.temponest.model;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/** The vocabularies of tokens that are public: those of OpenAI's models. */
public enum Vocabulary {
    O200K("(ft:)?(gpt-4o|chatgpt-4o|gpt-4\\.1|gpt-4\\.5|gpt-5(\\.\\d+)?|gpt-oss|o\\d)([-:].*)?"),
    CL100K(
            "(ft:)?(gpt-4|gpt-3\\.5|gpt-35-turbo|text-embedding-3|text-embedding-ada-002|davinci-002|babbage-002)([-:].*)?");

    private final Pattern models;

    Vocabulary(String models) {
        this.models = Pattern.compile(models);
    }

    /** A model's name without its providers, as vocabularies are known by it. */
    public static String bare(String model) {
        return model.substring(model.lastIndexOf('/') + 1).toLowerCase(Locale.ROOT);
    }

    /**
     * The vocabulary that a model is known to use, by OpenAI's table of models (tiktoken, {@code model.py}).
     *
     * @param model with or without its provider
     */
    public static Optional<Vocabulary> of(String model) {
        String bare = bare(model);
        for (Vocabulary vocabulary : values()) {
            if (vocabulary.models.matcher(bare).matches()) {
                return Optional.of(vocabulary);
            }
        }
        return Optional.empty();
    }

    /** The one to estimate with where the model's own is not public: the newest, which most others resemble. */
    public static Vocabulary nearest(String model) {
        return of(model).orElse(O200K);
    }
}
