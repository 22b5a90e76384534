package io.temponest.gateway.oidc;

import io.temponest.gateway.http.Fields;
import java.util.Optional;
import java.util.regex.Pattern;

/** Where a person goes after signing in: a path of this server, whatever a browser makes of it. */
final class ReturnTo {

    static final String PARAMETER = "return_to";

    private static final int LONGEST = 512;
    private static final String START_PAGE = "/";

    /** Printable ASCII. Browsers take a backslash for a slash, and two slashes for another host. */
    private static final Pattern LOCAL = Pattern.compile("/(?:[\\x21-\\x7E&&[^/\\\\]][\\x21-\\x7E&&[^\\\\]]*)?");

    private ReturnTo() {}

    static String read(Optional<String> given) {
        String path = given.orElse(START_PAGE);
        if (path.length() > LONGEST || !LOCAL.matcher(path).matches()) {
            throw Fields.invalid(PARAMETER, "must be a path of this server that begins with one '/'");
        }
        return path;
    }
}
