package io.temponest.gateway.http;

import io.temponest.address.IpAddress;
import java.util.Optional;

/**
 * Where a request comes from.
 *
 * @param address IPv4 or IPv6 in its usual form; of the client, where the request came through proxies that are trusted
 * @param userAgent what the client calls itself, 256 characters at most
 */
public record Client(String address, Optional<String> userAgent) {

    private static final int LONGEST_AGENT = 256;

    public Client {
        userAgent = userAgent.map(text -> text.length() > LONGEST_AGENT ? text.substring(0, LONGEST_AGENT) : text);
    }

    /** What the client's site has: the address, or of IPv6 the network of 64 bits that one customer has to choose from. */
    public String site() {
        return IpAddress.parse(address).map(IpAddress::site).orElse(address);
    }
}
