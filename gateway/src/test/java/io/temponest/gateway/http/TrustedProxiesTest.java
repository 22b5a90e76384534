package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.address.IpAddress;
import io.vertx.core.MultiMap;
import java.util.List;
import java.util.stream.Collectors;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TrustedProxiesTest {

    private static final String PROXY = "10.0.0.1";
    private static final TrustedProxies PROXIES =
            TrustedProxies.parse(List.of("10.0.0.0/8", "2001:db8:1::/48", "192.0.2.7"));

    private static String client(String peer, String forwarded, String others) {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        if (!forwarded.isEmpty()) {
            headers.add("Forwarded", forwarded);
        }
        if (!others.isEmpty()) {
            headers.add("X-Forwarded-For", others);
        }
        return PROXIES.client(peer, headers);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "for=192.0.2.60;proto=http;by=203.0.113.43 | 192.0.2.60",
                "For=\"[2001:db8:cafe::17]:4711\" | 2001:db8:cafe::17",
                "for=192.0.2.43, for=198.51.100.17 | 198.51.100.17",
                "for=192.0.2.43, for=10.2.3.4 | 192.0.2.43",
                "for=\"192.0.2.43:47011\" | 192.0.2.43",
                "for=198.51.100.1, for=192.0.2.7, for=10.9.9.9 | 198.51.100.1",
                "for=\"::ffff:192.0.2.43\" | 192.0.2.43",
                "for=10.0.0.2, for=10.0.0.3 | 10.0.0.2",
            })
    void forwardedIsWalkedFromTheRightPastTrustedHops(String header, String expected) {
        assertThat(client(PROXY, header, "")).isEqualTo(expected);
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "for=unknown",
                "for=_hidden",
                "proto=http",
                "for=192.0.2.43;for=192.0.2.44",
                "for=\"192.0.2.43",
                "for 192.0.2.43",
                "for=999.0.2.43",
                "for=192.0.2.43, for=_hidden",
                "for=192.0.2.43,",
                "for=example.com",
                ";;",
            })
    void whatSaysNothingUsableLeavesTheProxysAddress(String header) {
        assertThat(client(PROXY, header, "")).isEqualTo(PROXY);
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "203.0.113.9 | 203.0.113.9",
                "1.1.1.1, 203.0.113.9 | 203.0.113.9",
                "203.0.113.9, 10.1.1.1 ,10.2.2.2 | 203.0.113.9",
                "203.0.113.9:5000 | 203.0.113.9",
                "2001:db8:cafe::17 | 2001:db8:cafe::17",
                "[2001:db8:cafe::17]:99 | 2001:db8:cafe::17",
                "nonsense | 10.0.0.1",
                "203.0.113.9, nonsense | 10.0.0.1",
                "nonsense, 203.0.113.9 | 203.0.113.9",
            })
    void theOlderHeaderIsReadAlike(String header, String expected) {
        assertThat(client(PROXY, "", header)).isEqualTo(expected);
    }

    @Test
    void aPeerThatIsNotTrustedIsTheClientWhateverItSays() {
        assertThat(client("203.0.113.5", "for=192.0.2.60", "192.0.2.60")).isEqualTo("203.0.113.5");
        assertThat(TrustedProxies.parse(List.of()).client(PROXY, MultiMap.caseInsensitiveMultiMap()))
                .isEqualTo(PROXY);
    }

    @Test
    void twoHeadersThatDisagreeLeaveTheProxysAddress() {
        assertThat(client(PROXY, "for=192.0.2.60", "203.0.113.9")).isEqualTo(PROXY);
        assertThat(client(PROXY, "for=192.0.2.60", "192.0.2.60")).isEqualTo("192.0.2.60");
    }

    @Test
    void aProxyOfIpv6IsKnownByItsNetwork() {
        assertThat(client("2001:db8:1::5", "for=192.0.2.60", "")).isEqualTo("192.0.2.60");
        assertThat(client("2001:db8:2::5", "for=192.0.2.60", "")).isEqualTo("2001:db8:2::5");
    }

    /** An element as a proxy writes it, and the address that it names. */
    record Hop(String address, String parameter) {

        String element() {
            return "for=" + address + ";host=\"" + parameter.replaceAll("([\"\\\\])", "\\\\$1") + "\"";
        }
    }

    @Provide
    Arbitrary<List<Hop>> hops() {
        Arbitrary<String> address = Arbitraries.of("10.0.0.2", "10.9.9.9", "192.0.2.7", "203.0.113.9", "198.51.100.1");
        Arbitrary<String> parameter =
                Arbitraries.strings().withChars('a', ',', '"', '\\', '=', ' ').ofMaxLength(12);
        return Combinators.combine(address, parameter)
                .as(Hop::new)
                .list()
                .ofMinSize(1)
                .ofMaxSize(40);
    }

    /** The last that is not trusted, of those that may be looked at; the first of these where all are trusted. */
    private static String expected(List<Hop> hops) {
        List<Hop> seen = hops.reversed().stream().limit(32).toList();
        return seen.stream()
                .map(Hop::address)
                .filter(address -> !address.startsWith("10.") && !address.equals("192.0.2.7"))
                .findFirst()
                .orElseGet(() -> seen.getLast().address());
    }

    @Property(tries = 500)
    void whatProxiesWroteIsWalkedToTheFirstThatIsNotTrusted(@ForAll("hops") List<Hop> hops) {
        String forwarded = hops.stream().map(Hop::element).collect(Collectors.joining(", "));
        String others = hops.stream().map(Hop::address).collect(Collectors.joining(","));

        assertThat(client(PROXY, forwarded, "")).isEqualTo(expected(hops));
        assertThat(client(PROXY, "", others)).isEqualTo(expected(hops));
        assertThat(client(PROXY, forwarded, others)).isEqualTo(expected(hops));
    }

    /** Everything that a client may put before what the proxy adds, up to all that a head may hold. */
    @ParameterizedTest
    @ValueSource(strings = {",", "\"", "\",", "\\", "\\\"", "a", ";", "for=", "for=\"", " ", "=", "[", ":"})
    void aHeadFullOfAnythingDoesNotHideWhatTheProxyAddsAtItsEnd(String piece) {
        String hostile = piece.repeat((16 << 10) / piece.length());

        assertThat(client(PROXY, hostile + ",for=203.0.113.9", "")).isEqualTo("203.0.113.9");
        assertThat(client(PROXY, "", hostile + ",203.0.113.9")).isEqualTo("203.0.113.9");
        assertThat(client(PROXY, hostile, "")).isEqualTo(PROXY);
        assertThat(client(PROXY, "for=\"" + hostile, "")).isEqualTo(PROXY);
        assertThat(client(PROXY, "x=\"" + "\\a".repeat(8 << 10) + "\";for=203.0.113.9", ""))
                .isEqualTo("203.0.113.9");
    }

    @Property(tries = 500)
    void noHeaderEverFailsOrMakesUpAnythingButAnAddress(@ForAll String text) {
        assertThat(IpAddress.parse(client(PROXY, text, ""))).isPresent();
        assertThat(IpAddress.parse(client(PROXY, "", text))).isPresent();
    }

    @ParameterizedTest
    @ValueSource(strings = {"10.0.0.0/33", "10.0.0.0/-1", "proxy.example", "10.0.0.0/", "::/129", ""})
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> TrustedProxies.parse(List.of(text)))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no address or CIDR");
    }

    @Test
    void aSiteIsAnAddressOfIpv4AndANetworkOfIpv6() {
        assertThat(IpAddress.parse("192.0.2.60").orElseThrow().site()).isEqualTo("192.0.2.60");
        assertThat(IpAddress.parse("2001:db8:1:2:3:4:5:6").orElseThrow().site())
                .isEqualTo(IpAddress.parse("2001:db8:1:2:ffff::1").orElseThrow().site());
    }
}
