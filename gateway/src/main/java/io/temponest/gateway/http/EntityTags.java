package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.identity.Sha256;
import io.temponest.json.Json;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The entity tags that a precondition names (RFC 9110, sections 8.8.3 and 13.1).
 *
 * @param any {@code *}: whatever representation there is
 * @param strong their opaque parts with quotes
 * @param weak the same of those that start with {@code W/}
 */
record EntityTags(boolean any, Set<String> strong, Set<String> weak) {

    /** An element of a list, which may be empty, with what ends it; possessive, for lists come from strangers. */
    private static final Pattern ELEMENT =
            Pattern.compile("\\G[ \\t]*+(?:(W/)?(\"[\\x21\\x23-\\x7E\\x80-\\xFF]*+\"))?+[ \\t]*+(?:,|$)");

    private static final int TAG_BYTES = 18;

    EntityTags {
        strong = Set.copyOf(strong);
        weak = Set.copyOf(weak);
    }

    /** The strong tag of a representation: of the bytes of its JSON. */
    static String of(byte[] json) {
        byte[] digest = Sha256.of(json);
        return '"'
                + Base64.getUrlEncoder().withoutPadding().encodeToString(java.util.Arrays.copyOf(digest, TAG_BYTES))
                + '"';
    }

    /** The strong tag of what would be answered as this JSON. */
    static String of(Object body) {
        return of(Json.text(body).getBytes(StandardCharsets.UTF_8));
    }

    /** @param lines the header's, all of them; a mistake in them is a 400 that names the header */
    static Optional<EntityTags> read(String header, List<String> lines) {
        if (lines.isEmpty()) {
            return Optional.empty();
        }
        String text = String.join(",", lines).strip();
        if (text.equals("*")) {
            return Optional.of(new EntityTags(true, Set.of(), Set.of()));
        }
        Set<String> strong = new HashSet<>();
        Set<String> weak = new HashSet<>();
        Matcher element = ELEMENT.matcher(text);
        int read = 0;
        while (read < text.length() && element.find()) {
            if (element.group(2) != null) {
                (element.group(1) == null ? strong : weak).add(element.group(2));
            }
            read = element.end();
        }
        if (read < text.length() || (strong.isEmpty() && weak.isEmpty())) {
            throw ApiError.invalid(
                            header,
                            "invalid_header",
                            "'%s' must be * or a list of entity tags, each in double quotes.".formatted(header))
                    .exception();
        }
        return Optional.of(new EntityTags(false, strong, weak));
    }

    /** For If-Match: a weak tag never matches (section 13.1.1). */
    boolean matchStrongly(String tag) {
        return any || strong.contains(tag);
    }

    /** For If-None-Match: what a tag is called weak or strong makes no difference (section 13.1.2). */
    boolean matchWeakly(String tag) {
        return any || strong.contains(tag) || weak.contains(tag);
    }
}
