package io.temponest.model.wire;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;

/** Asks a streamed chat completion for its usage, so that it can be billed, and knows the chunk that comes of it. */
public final class IncludeUsage {

    private static final String FIELD = "\"include_usage\":true";
    private static final String OBJECT = "{" + FIELD + "}";

    private IncludeUsage() {}

    /**
     * A streamed request with {@code stream_options.include_usage} set, every other byte as it was; a request for a whole
     * answer, which always has its usage, stays as it is. Where the client had not set
     * it ({@link RequestScan#includeUsage}), the chunk that {@link #isUsageOnly} knows is not for the client.
     *
     * @param scan of this body
     */
    public static byte[] set(byte[] body, RequestScan scan) {
        if (!scan.stream() || scan.includeUsage()) {
            return body;
        }
        RequestScan.Options options = scan.options();
        if (options.includeUsage().isPresent()) {
            return splice(body, options.includeUsage().get(), "true");
        }
        if (options.object().isPresent()) {
            int within = options.object().get().from() + 1;
            return splice(body, new RequestScan.Place(within, within), FIELD + (options.empty() ? "" : ","));
        }
        if (options.nothing().isPresent()) {
            return splice(body, options.nothing().get(), OBJECT);
        }
        // A request has a model, so that something follows.
        int within = scan.start() + 1;
        return splice(body, new RequestScan.Place(within, within), "\"stream_options\":" + OBJECT + ",");
    }

    static byte[] splice(byte[] body, RequestScan.Place place, String text) {
        ByteArrayOutputStream out = new ByteArrayOutputStream(body.length + text.length());
        out.write(body, 0, place.from());
        out.writeBytes(text.getBytes(StandardCharsets.UTF_8));
        out.write(body, place.to(), body.length - place.to());
        return out.toByteArray();
    }

    /** Whether a chunk is the one that has the usage and nothing else. */
    public static boolean isUsageOnly(String data) {
        if (!data.contains("\"usage\"") || !data.contains("\"choices\"")) {
            return false;
        }
        int[] found = {0};
        JsonScan.fields(data, (name, depth, from, to) -> {
            if (depth == 1 && name.equals("usage") && data.charAt(from) == '{') {
                found[0] |= 1;
            } else if (depth == 1 && name.equals("choices") && isEmptyArray(data, from)) {
                found[0] |= 2;
            }
        });
        return found[0] == 3;
    }

    private static boolean isEmptyArray(String data, int from) {
        int close = data.indexOf(']', from);
        return data.charAt(from) == '['
                && close > 0
                && data.substring(from + 1, close).isBlank();
    }
}
