package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.store.PageRequest;
import io.vertx.core.MultiMap;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.OffsetDateTime;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.UUID;

/** The query parameters of a request. Whatever is wrong with one is a 400 that names it. */
public final class Query {

    /** What the endpoints of lists understand. */
    public static final Set<String> PAGE = Set.of("limit", "after", "before", "order");

    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2100;

    private final MultiMap parameters;

    private Query(MultiMap parameters) {
        this.parameters = parameters;
    }

    /** Of an endpoint that passes over what it does not understand. */
    static Query open(MultiMap parameters) {
        return new Query(parameters);
    }

    Query(MultiMap parameters, Set<String> known) {
        this(parameters);
        for (String name : parameters.names()) {
            if (!known.contains(name)) {
                String choice = known.isEmpty()
                        ? "it understands none"
                        : "it understands " + String.join(", ", new TreeSet<>(known));
                throw ApiError.invalid(
                                name,
                                "unknown_parameter",
                                "'%s' is not a query parameter of this request; %s.".formatted(name, choice))
                        .exception();
            }
        }
    }

    /** {@link #PAGE} and more. */
    public static Set<String> pageAnd(String... names) {
        List<String> all = new ArrayList<>(PAGE);
        all.addAll(List.of(names));
        return Set.copyOf(all);
    }

    public Optional<String> text(String name) {
        List<String> values = parameters.getAll(name);
        if (values.size() > 1) {
            throw ApiError.invalid(name, "repeated_parameter", "'" + name + "' is given more than once.")
                    .exception();
        }
        values.stream().filter(text -> !StorableText.is(text)).findFirst().ifPresent(text -> {
            throw StorableText.refused(name);
        });
        return values.stream().findFirst();
    }

    public Optional<Long> number(String name, long least, long most) {
        return text(name).map(text -> {
            try {
                long value = Long.parseLong(text);
                if (value >= least && value <= most) {
                    return value;
                }
            } catch (NumberFormatException e) {
                // refused below, as a number out of range is
            }
            throw ApiError.invalid(
                            name,
                            "out_of_range",
                            "'%s' must be a whole number from %d to %d.".formatted(name, least, most))
                    .exception();
        });
    }

    /** A value of a closed set. */
    public Optional<String> choice(String name, Set<String> choices) {
        return text(name).map(text -> {
            if (choices.contains(text)) {
                return text;
            }
            throw ApiError.invalid(
                            name,
                            "invalid_value",
                            "'%s' must be one of %s.".formatted(name, String.join(", ", new TreeSet<>(choices))))
                    .exception();
        });
    }

    public Optional<Boolean> flag(String name) {
        return choice(name, Set.of("true", "false")).map(Boolean::valueOf);
    }

    /** An id of a kind, whether or not there is such a thing. */
    public Optional<TypeId> id(String name, Kind kind) {
        return text(name)
                .map(text -> TypeId.parse(kind, text)
                        .orElseThrow(() -> invalid(name, "must be an id of the form %s_…".formatted(kind.prefix()))));
    }

    /** A time of our century, which the database can hold whatever is done with it. */
    public Optional<Instant> time(String name) {
        return text(name).map(text -> {
            try {
                OffsetDateTime time = OffsetDateTime.parse(text);
                if (time.getYear() >= FIRST_YEAR && time.getYear() <= LAST_YEAR) {
                    return time.toInstant();
                }
            } catch (DateTimeException e) {
                // refused below, as a time out of range is
            }
            throw invalid(
                    name,
                    "must be a time of RFC 3339 from %d to %d, such as 2026-11-24T09:00:00Z"
                            .formatted(FIRST_YEAR, LAST_YEAR));
        });
    }

    private static ApiException invalid(String name, String message) {
        return ApiError.invalid(name, "invalid_value", "'%s' %s.".formatted(name, message))
                .exception();
    }

    /** @param kind what the list holds, which its cursors are ids of */
    public PageRequest page(Kind kind) {
        long limit = number("limit", 1, PageRequest.MAX_LIMIT).orElse((long) PageRequest.DEFAULT_LIMIT);
        Optional<UUID> after = cursor("after", kind);
        Optional<UUID> before = cursor("before", kind);
        if (after.isPresent() && before.isPresent()) {
            throw ApiError.invalid("before", "conflicting_parameters", "'after' and 'before' exclude each other.")
                    .exception();
        }
        boolean ascending =
                choice("order", Set.of("asc", "desc")).filter("asc"::equals).isPresent();
        return new PageRequest((int) limit, after, before, !ascending);
    }

    private Optional<UUID> cursor(String name, Kind kind) {
        return text(name)
                .map(text -> TypeId.parse(kind, text)
                        .orElseThrow(() -> ApiError.invalid(
                                        name,
                                        "invalid_cursor",
                                        "'%s' must be an id from the list, such as %s_…."
                                                .formatted(name, kind.prefix()))
                                .exception())
                        .uuid());
    }
}
