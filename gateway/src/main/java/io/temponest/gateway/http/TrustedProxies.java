package io.temponest.gateway.http;

import io.temponest.address.IpAddress;
import io.temponest.address.Network;
import io.vertx.core.MultiMap;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The proxies whose word on where a request comes from is taken. {@code Forwarded} (RFC 7239) and {@code X-Forwarded-For} are
 * read from the right, past hops that are trusted themselves: what stands further left could be anybody's invention. Where a
 * proxy says nothing usable, or the two headers say different things, its own address is the answer.
 */
public final class TrustedProxies {

    private static final int MOST_HOPS = 32;

    /** A pair of an element: a token, {@code =}, and a token or quoted string. */
    private static final Pattern PAIR = Pattern.compile(
            // Possessive: whatever stands there takes one pass and no stack.
            "\\s*([\\w!#$%&'*+.^`|~-]++)=(?:\"((?:[^\"\\\\]|\\\\.)*+)\"|([\\w!#$%&'*+.^`|~:\\[\\]-]++))\\s*");

    private static final Pattern NODE = Pattern.compile("(?:\\[([0-9A-Fa-f:.]+)]|([0-9.]+))(?::\\d{1,5})?");

    private final List<Network> networks;

    private TrustedProxies(List<Network> networks) {
        this.networks = List.copyOf(networks);
    }

    /** Reads addresses and CIDRs; {@link IllegalArgumentException} names one that is neither. */
    public static TrustedProxies parse(List<String> texts) {
        return new TrustedProxies(texts.stream().map(Network::parse).toList());
    }

    /**
     * Where a request comes from.
     *
     * @param peer the other end of its connection
     */
    String client(String peer, MultiMap headers) {
        return IpAddress.parse(peer)
                .filter(this::trusted)
                .map(proxy -> behind(proxy, headers).text())
                .orElse(peer);
    }

    private boolean trusted(IpAddress address) {
        return networks.stream().anyMatch(network -> network.holds(address));
    }

    private IpAddress behind(IpAddress peer, MultiMap headers) {
        Optional<IpAddress> one = Optional.of(headers.getAll("forwarded"))
                .filter(lines -> !lines.isEmpty())
                .map(lines -> walk(peer, last(lines, true), TrustedProxies::element));
        Optional<IpAddress> other = Optional.of(headers.getAll("x-forwarded-for"))
                .filter(lines -> !lines.isEmpty())
                .map(lines -> walk(peer, last(lines, false), TrustedProxies::node));
        if (one.isPresent() && other.isPresent()) {
            return one.get().text().equals(other.get().text()) ? one.get() : peer;
        }
        return one.or(() -> other).orElse(peer);
    }

    /** @param hops from the right */
    private IpAddress walk(IpAddress peer, List<String> hops, Function<String, Optional<IpAddress>> reader) {
        IpAddress known = peer;
        for (String hop : hops) {
            if (!trusted(known)) {
                break;
            }
            Optional<IpAddress> said = reader.apply(hop);
            if (said.isEmpty()) {
                return peer;
            }
            known = said.get();
        }
        return known;
    }

    /**
     * The last elements of a header that may come several times, from the right, where the trusted ones stand: one pass, and
     * nothing to the left of what a proxy has added changes how that is read.
     *
     * @param quotes whether commas within quotes are part of an element
     */
    private static List<String> last(List<String> lines, boolean quotes) {
        String all = String.join(",", lines);
        List<String> elements = new ArrayList<>();
        boolean quoted = false;
        int end = all.length();
        for (int i = end - 1; i >= 0 && elements.size() < MOST_HOPS; i--) {
            char c = all.charAt(i);
            if (quotes && c == '"' && !escaped(all, i)) {
                quoted = !quoted;
            } else if (c == ',' && !quoted) {
                elements.add(all.substring(i + 1, end));
                end = i;
            }
        }
        if (elements.size() < MOST_HOPS) {
            elements.add(all.substring(0, end));
        }
        return elements;
    }

    /** Whether an odd number of backslashes stands before. */
    private static boolean escaped(String text, int at) {
        int from = at;
        while (from > 0 && text.charAt(from - 1) == '\\') {
            from--;
        }
        return (at - from) % 2 == 1;
    }

    /** The {@code for} of an element; empty where it is missing, hidden or malformed. */
    private static Optional<IpAddress> element(String text) {
        Optional<IpAddress> found = Optional.empty();
        for (String part : text.split(";", -1)) {
            Matcher pair = PAIR.matcher(part);
            if (!pair.matches()) {
                return Optional.empty();
            }
            if (pair.group(1).equalsIgnoreCase("for")) {
                if (found.isPresent()) {
                    return Optional.empty();
                }
                String value =
                        pair.group(2) == null ? pair.group(3) : pair.group(2).replaceAll("\\\\(.)", "$1");
                found = node(value);
            }
        }
        return found;
    }

    /** {@code 192.0.2.1}, {@code 192.0.2.1:80}, {@code [2001:db8::1]:80}, and the bare {@code 2001:db8::1} that some write. */
    private static Optional<IpAddress> node(String text) {
        String value = text.strip();
        Matcher node = NODE.matcher(value);
        if (!node.matches()) {
            return IpAddress.parse(value);
        }
        return IpAddress.parse(node.group(1) == null ? node.group(2) : node.group(1));
    }
}
