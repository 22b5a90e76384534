package io.temponest.store;

import java.util.List;
import java.util.function.Function;

/**
 * A page of a list.
 *
 * @param items in the order of the request
 * @param hasMore whether rows remain beyond the last item
 */
public record Page<T>(List<T> items, boolean hasMore) {

    public Page {
        items = List.copyOf(items);
    }

    /** @param rows one more than the limit where there are more */
    public static <T> Page<T> of(List<T> rows, int limit) {
        return rows.size() > limit ? new Page<>(rows.subList(0, limit), true) : new Page<>(rows, false);
    }

    public <U> Page<U> map(Function<T, U> mapper) {
        return new Page<>(items.stream().map(mapper).toList(), hasMore);
    }
}
