package io.temponest.egress;

import io.temponest.address.IpAddress;
import io.temponest.address.Network;
import io.temponest.address.Reach;
import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.util.Arrays;
import java.util.List;

/**
 * Where a tenant may send us.
 *
 * @param allowed networks of the operator's own, besides public addresses
 * @param http whether without TLS too
 */
public record EgressRules(List<Network> allowed, boolean http) {

    private enum Switch {
        OFF,
        ON
    }

    public EgressRules {
        allowed = List.copyOf(allowed);
    }

    /** Reads the settings; mistakes are told to the environment. */
    public static EgressRules read(Environment environment) {
        return new EgressRules(
                environment.parsed(Setting.EGRESS_ALLOW, EgressRules::networks).orElse(List.of()),
                environment.choice(Setting.EGRESS_HTTP, Switch.class) == Switch.ON);
    }

    private static List<Network> networks(String text) {
        return Arrays.stream(text.split(","))
                .map(String::strip)
                .map(Network::parse)
                .toList();
    }

    /** Fails with {@link EgressFailure} where an address is out of bounds. What tells clouds' secrets is, whatever is allowed. */
    void check(IpAddress address) {
        Reach reach = Reach.of(address);
        boolean allowed = reach == Reach.PUBLIC
                || (reach != Reach.METADATA && allowed().stream().anyMatch(network -> network.holds(address)));
        if (!allowed) {
            throw EgressFailure.refused("leads to an address that is %s".formatted(of(reach)));
        }
    }

    private static String of(Reach reach) {
        return switch (reach) {
            case PUBLIC -> "public";
            case LOOPBACK -> "this server's own";
            case METADATA, RESERVED -> "kept for a special purpose";
            case PRIVATE, SHARED -> "private";
            case LINK_LOCAL -> "link-local";
            case MULTICAST -> "for many";
        };
    }
}
