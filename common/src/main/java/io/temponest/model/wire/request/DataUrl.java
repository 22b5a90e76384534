package io.temponest.model.wire.request;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A {@code data:} URL in base64 (RFC 2397). */
record DataUrl(String mediaType, String base64) {

    private static final Pattern HEAD = Pattern.compile("data:([\\w.+-]+/[\\w.+-]+)(?:;[\\w-]+=[\\w-]+)*;base64,");

    static Optional<DataUrl> of(String url) {
        Matcher head = HEAD.matcher(url);
        return head.lookingAt() ? Optional.of(new DataUrl(head.group(1), url.substring(head.end()))) : Optional.empty();
    }

    @Override
    public String toString() {
        return "data:" + mediaType + ";base64," + base64;
    }
}
