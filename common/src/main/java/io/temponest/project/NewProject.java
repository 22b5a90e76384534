package io.temponest.project;

/**
 * A project to make.
 *
 * @param slug lower-case letters, digits and inner dashes, 1 to 64
 * @param name 1 to 200 characters
 * @param description at most 2000 characters
 */
public record NewProject(String slug, String name, String description) {

    private static final String SLUG = "[a-z0-9]([a-z0-9-]{0,62}[a-z0-9])?";

    public NewProject {
        if (!slug.matches(SLUG)) {
            throw new IllegalArgumentException("slug must have 1 to 64 lower-case letters, digits or inner dashes");
        }
        if (name.isBlank() || name.length() > 200) {
            throw new IllegalArgumentException("name must have 1 to 200 characters");
        }
        if (description.length() > 2000) {
            throw new IllegalArgumentException("description must have at most 2000 characters");
        }
    }
}
