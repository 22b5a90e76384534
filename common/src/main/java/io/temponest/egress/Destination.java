package io.temponest.egress;

import io.temponest.address.IpAddress;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;

/**
 * What a URL of a tenant's names. One that exists is in order as far as can be said without asking a name server.
 *
 * @param host a name, or the text of an address without brackets
 * @param literal the address, where the host is one
 * @param target path and query
 */
public record Destination(boolean tls, String host, Optional<IpAddress> literal, int port, String target) {

    private static final int LONGEST = 2_048;
    private static final int HTTP = 80;
    private static final int HTTPS = 443;
    private static final int FIRST_FREE = 1_024;
    private static final int LAST = 65_535;

    /**
     * Of the ports from 1024 on those that the Fetch standard calls bad, and those of Redis and memcached: other protocols that
     * could be talked into something.
     */
    private static final Set<Integer> OF_OTHERS = Set.of(
            1719, 1720, 1723, 2049, 3659, 4045, 4190, 5060, 5061, 6000, 6379, 6566, 6665, 6666, 6667, 6668, 6669, 6679,
            6697, 10080, 11211);

    /** Reads a URL; fails with {@link EgressFailure} that says what is wrong. Asks no name server. */
    public static Destination parse(String url, EgressRules rules) {
        URI uri = uri(url);
        boolean tls = "https".equalsIgnoreCase(uri.getScheme());
        if (!tls && !(rules.http() && "http".equalsIgnoreCase(uri.getScheme()))) {
            throw EgressFailure.refused(
                    rules.http() ? "must begin with https:// or http://" : "must begin with https://");
        }
        if (uri.getRawAuthority().indexOf('@') >= 0) {
            throw EgressFailure.refused("must not hold a user's name or password");
        }
        if (uri.getRawFragment() != null) {
            throw EgressFailure.refused("must not have a fragment");
        }
        String host = host(uri);
        Optional<IpAddress> literal = IpAddress.parse(host);
        literal.ifPresent(rules::check);
        return new Destination(tls, host, literal, port(uri, tls), target(uri));
    }

    private static URI uri(String url) {
        if (url.length() > LONGEST || !url.codePoints().allMatch(c -> c > ' ' && c < 0x7f)) {
            throw EgressFailure.refused(
                    "must have at most %d characters, all of them printable ASCII".formatted(LONGEST));
        }
        try {
            URI uri = new URI(url);
            if (uri.getScheme() != null && uri.getRawAuthority() != null) {
                return uri;
            }
        } catch (URISyntaxException e) {
            // refused below, as one without a host is
        }
        throw EgressFailure.refused("must be a URL such as https://example.com/hooks");
    }

    /** Spellings of addresses that some resolvers understand and others do not, such as 0x7f.1, are none. */
    private static String host(URI uri) {
        String host = Optional.ofNullable(uri.getHost()).orElse("");
        if (host.startsWith("[") && host.endsWith("]")) {
            String inside = host.substring(1, host.length() - 1);
            return IpAddress.parse(inside).map(known -> inside).orElseThrow(Destination::noHost);
        }
        String last = host.substring(host.lastIndexOf('.') + 1);
        boolean numeric = !last.isEmpty() && Character.isDigit(last.charAt(0));
        boolean plain =
                IpAddress.parse(host).filter(ip -> ip.text().equals(host)).isPresent();
        if (last.isEmpty() || (numeric && !plain)) {
            throw noHost();
        }
        return host;
    }

    private static EgressFailure noHost() {
        return EgressFailure.refused("must have a host that is a name, or an address in its usual form");
    }

    private static int port(URI uri, boolean tls) {
        int port = uri.getPort() >= 0 ? uri.getPort() : tls ? HTTPS : HTTP;
        boolean usual = port == HTTPS || port == HTTP;
        if (!usual && (port < FIRST_FREE || port > LAST || OF_OTHERS.contains(port))) {
            throw EgressFailure.refused(
                    "must have the port 80 or 443, or one from 1024 on that is no other protocol's");
        }
        return port;
    }

    private static String target(URI uri) {
        String path = uri.getRawPath() == null || uri.getRawPath().isEmpty() ? "/" : uri.getRawPath();
        return uri.getRawQuery() == null ? path : path + "?" + uri.getRawQuery();
    }
}
