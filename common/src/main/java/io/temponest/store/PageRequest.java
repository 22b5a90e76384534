package io.temponest.store;

import java.util.Optional;
import java.util.UUID;

/**
 * Which page of a list that is ordered by id.
 *
 * @param limit 1 to 100
 * @param after the id that the page starts beyond, in the list's order; the row need not exist any more
 * @param before the id that the page ends short of, in the list's order
 * @param descending newest first
 */
public record PageRequest(int limit, Optional<UUID> after, Optional<UUID> before, boolean descending) {

    public static final int MAX_LIMIT = 100;
    public static final int DEFAULT_LIMIT = 20;

    public PageRequest {
        if (limit < 1 || limit > MAX_LIMIT) {
            throw new IllegalArgumentException("limit must be from 1 to " + MAX_LIMIT);
        }
        if (after.isPresent() && before.isPresent()) {
            throw new IllegalArgumentException("after and before exclude each other");
        }
    }

    public static PageRequest first(int limit) {
        return new PageRequest(limit, Optional.empty(), Optional.empty(), true);
    }
}
