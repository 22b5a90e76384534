package io.temponest.gateway.http;

import io.temponest.store.Page;
import io.vertx.core.buffer.Buffer;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;

/** What an endpoint answers when it succeeds. */
public sealed interface Answer {

    /** A record or tree as JSON. */
    record Json(int status, Object body, Map<String, String> headers) implements Answer {
        public Json {
            headers = Map.copyOf(headers);
        }
    }

    /** Text or anything else that is ready to be sent. */
    record Ready(String contentType, Buffer body, Map<String, String> headers) implements Answer {
        public Ready {
            headers = Map.copyOf(headers);
        }
    }

    /** The answer of an earlier request, or one that is kept for a later one. */
    record Kept(int status, Map<String, String> headers, Optional<Buffer> body) implements Answer {
        public Kept {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * 303: the browser is to get what is at another place.
     *
     * @param cookies values of {@code Set-Cookie}
     */
    record SeeOther(String location, List<String> cookies) implements Answer {
        public SeeOther {
            cookies = List.copyOf(cookies);
        }
    }

    /** 204. */
    record Empty() implements Answer {}

    /** A stream of server-sent events; the source is called once the head is written. */
    record Events(Map<String, String> headers, Consumer<SseStream> source) implements Answer {
        public Events {
            headers = Map.copyOf(headers);
        }
    }

    /**
     * A body that is sent piece by piece; the source is called once the head is written.
     *
     * @param headers besides its type
     */
    record Download(String contentType, Map<String, String> headers, Consumer<BodyStream> source) implements Answer {
        public Download {
            headers = Map.copyOf(headers);
        }
    }

    static Answer ok(Object body) {
        return new Json(200, body, Map.of());
    }

    /** How many a list has. */
    static Answer count(long number) {
        return ok(new Count("count", number));
    }

    record Count(String object, long count) {}

    static Answer created(String location, Object body) {
        return new Json(201, body, Map.of("location", location));
    }

    static Answer accepted(String location, Object body) {
        return new Json(202, body, Map.of("location", location));
    }

    static <T, V extends Record> Answer page(Page<T> page, Function<T, V> view, Function<V, String> id) {
        return ok(Listing.of(page.map(view), id));
    }
}
