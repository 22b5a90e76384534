package io.temponest.store;

import io.vertx.core.Future;
import io.vertx.sqlclient.Row;
import io.vertx.sqlclient.SqlClient;
import io.vertx.sqlclient.Tuple;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.UUID;
import java.util.function.Function;

/**
 * Reads pages of a list by its key, so that a page costs the same wherever it lies and a deleted cursor still works.
 * Made once for a list, from SQL that is constant.
 */
public final class Keyset {

    private static final UUID LOWEST = new UUID(0, 0);
    private static final UUID HIGHEST = new UUID(-1, -1);

    private final String ascending;
    private final String descending;
    private final int parameters;

    /**
     * @param select a SELECT with its WHERE, without ORDER BY or LIMIT, using parameters {@code $1 … $n}
     * @param key the unique uuid column that orders the list
     * @param parameters n
     */
    public Keyset(String select, String key, int parameters) {
        this.parameters = parameters;
        String range =
                " and %s > $%d and %s < $%d order by %s ".formatted(key, parameters + 1, key, parameters + 2, key);
        String limit = " limit $" + (parameters + 3);
        this.ascending = select.strip() + range + "asc" + limit;
        this.descending = select.strip() + range + "desc" + limit;
    }

    /** @param values the parameters of the SELECT, in order */
    public <T> Future<Page<T>> read(SqlClient client, PageRequest page, List<?> values, Function<Row, T> mapper) {
        if (values.size() != parameters) {
            throw new IllegalArgumentException("expected " + parameters + " parameters");
        }
        // "before" walks the list backwards from its cursor and turns the rows round at the end.
        boolean backwards = page.before().isPresent();
        boolean down = page.descending() != backwards;
        Optional<UUID> cursor = backwards ? page.before() : page.after();
        Tuple tuple = Tuple.tuple();
        values.forEach(tuple::addValue);
        tuple.addUUID(down ? LOWEST : cursor.orElse(LOWEST));
        tuple.addUUID(down ? cursor.orElse(HIGHEST) : HIGHEST);
        tuple.addInteger(page.limit() + 1);
        return client.preparedQuery(down ? descending : ascending)
                .execute(tuple)
                .map(rows -> {
                    List<T> items = new ArrayList<>();
                    rows.forEach(row -> items.add(mapper.apply(row)));
                    Page<T> result = Page.of(items, page.limit());
                    return backwards ? new Page<>(reversed(result.items()), result.hasMore()) : result;
                });
    }

    private static <T> List<T> reversed(List<T> items) {
        List<T> copy = new ArrayList<>(items);
        Collections.reverse(copy);
        return copy;
    }
}
