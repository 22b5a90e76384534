package io.temponest.config;

import java.util.List;

/** The configuration cannot be used; names every mistake at once. */
public final class ConfigException extends RuntimeException {

    private static final long serialVersionUID = 1L;

    public ConfigException(List<String> problems) {
        super("The configuration has "
                + (problems.size() == 1 ? "a mistake" : problems.size() + " mistakes")
                + ":\n  - "
                + String.join("\n  - ", problems));
    }
}
