package io.temponest.agent;

/**
 * An agent to make.
 *
 * @param slug lower-case letters, digits and dashes, 1 to 64
 * @param name 1 to 100 characters
 * @param description at most 1000 characters
 */
public record NewAgent(String slug, String name, String description, AgentSpec spec) {

    private static final String SLUG = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?";

    public NewAgent {
        if (!slug.matches(SLUG)) {
            throw new IllegalArgumentException("slug must have 1 to 64 lower-case letters, digits or inner dashes");
        }
        if (name.isBlank() || name.length() > 100) {
            throw new IllegalArgumentException("name must have 1 to 100 characters");
        }
        if (description.length() > 1000) {
            throw new IllegalArgumentException("description must have at most 1000 characters");
        }
    }
}
