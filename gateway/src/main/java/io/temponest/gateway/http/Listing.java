package io.temponest.gateway.http;

import com.fasterxml.jackson.annotation.JsonInclude;
import io.temponest.store.Page;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/**
 * A list as clients see it.
 *
 * @param firstId id of the first item; null in an empty list
 * @param lastId id of the last item; null in an empty list
 */
public record Listing<T>(
        String object,
        List<T> data,
        @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> firstId,
        @JsonInclude(JsonInclude.Include.ALWAYS) Optional<String> lastId,
        boolean hasMore) {

    public Listing {
        data = List.copyOf(data);
    }

    static <T> Listing<T> of(Page<T> page, Function<T, String> id) {
        return of(page.items(), page.hasMore(), id);
    }

    /** All there is. */
    public static <T> Listing<T> all(List<T> items, Function<T, String> id) {
        return of(items, false, id);
    }

    private static <T> Listing<T> of(List<T> items, boolean hasMore, Function<T, String> id) {
        return new Listing<>(
                "list",
                items,
                items.isEmpty() ? Optional.empty() : Optional.of(id.apply(items.getFirst())),
                items.isEmpty() ? Optional.empty() : Optional.of(id.apply(items.getLast())),
                hasMore);
    }
}
