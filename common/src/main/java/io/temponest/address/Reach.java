package io.temponest.address;

import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/**
 * Whom an address leads to. Public is what the special-purpose registries of IANA (RFC 6890 and its updates) do not keep for
 * something else: of IPv4 all the rest, of IPv6 the rest of 2000::/3, from which alone addresses are given out. An address that
 * holds one of IPv4 leads where that leads.
 */
public enum Reach {
    PUBLIC,
    /** This host: 127.0.0.0/8, ::1, and 0.0.0.0/8 and ::, which connect to it. */
    LOOPBACK("127.0.0.0/8", "0.0.0.0/8", "::1/128", "::/128"),
    /** Where clouds tell a machine its secrets. Also those that would pass for private or public ones. */
    METADATA(
            "169.254.169.254",
            "169.254.170.2",
            "169.254.170.23",
            "169.254.169.253",
            "169.254.169.123",
            "168.63.129.16",
            "100.100.100.200",
            "192.0.0.192",
            "fd00:ec2::/32",
            "fd20:ce::254"),
    /** Of one organisation: RFC 1918, unique-local and the site-local of old. */
    PRIVATE("10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "fc00::/7", "fec0::/10"),
    LINK_LOCAL("169.254.0.0/16", "fe80::/10"),
    /** Of a provider's own customers (RFC 6598). */
    SHARED("100.64.0.0/10"),
    MULTICAST("224.0.0.0/4", "ff00::/8"),
    /** For protocols, documentation, benchmarks and the future; who answers there is not who should. */
    RESERVED(
            "192.0.0.0/24",
            "192.0.2.0/24",
            "192.88.99.0/24",
            "198.18.0.0/15",
            "198.51.100.0/24",
            "203.0.113.0/24",
            "240.0.0.0/4",
            "64:ff9b:1::/48",
            "2001::/23",
            "2001:db8::/32",
            "3fff::/20");

    private static final Network GIVEN_OUT = Network.parse("2000::/3");
    private static final Network NAT64 = Network.parse("64:ff9b::/96");
    private static final Network SIX_TO_FOUR = Network.parse("2002::/16");
    private static final Network COMPATIBLE = Network.parse("::/96");

    private final List<Network> networks;

    Reach(String... networks) {
        this.networks = Arrays.stream(networks).map(Network::parse).toList();
    }

    public static Reach of(IpAddress address) {
        for (Reach reach : values()) {
            if (reach.networks.stream().anyMatch(network -> network.holds(address))) {
                return reach;
            }
        }
        if (address.bytes().length == 4) {
            return PUBLIC;
        }
        if (NAT64.holds(address)) {
            return of(address.embedded(12));
        }
        if (SIX_TO_FOUR.holds(address)) {
            return of(address.embedded(2));
        }
        Reach ofAll = GIVEN_OUT.holds(address) ? PUBLIC : RESERVED;
        if (isatap(address) || COMPATIBLE.holds(address)) {
            Reach inside = of(address.embedded(12));
            return inside == PUBLIC ? ofAll : inside;
        }
        return ofAll;
    }

    /** RFC 5214, section 6.1: the interface's part is 0:5efe or 200:5efe and the address of IPv4. */
    private static boolean isatap(IpAddress address) {
        byte[] bytes = address.bytes();
        return (bytes[8] & ~2) == 0 && bytes[9] == 0 && bytes[10] == 0x5e && (bytes[11] & 0xff) == 0xfe;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
