package io.temponest.address;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class ReachTest {

    private static IpAddress ip(String text) {
        return IpAddress.parse(text).orElseThrow();
    }

    /** Where each special network begins and ends, and what lies just outside. */
    @ParameterizedTest
    @CsvSource({
        "0.0.0.0, LOOPBACK",
        "0.255.255.255, LOOPBACK",
        "1.0.0.0, PUBLIC",
        "9.255.255.255, PUBLIC",
        "10.0.0.0, PRIVATE",
        "10.255.255.255, PRIVATE",
        "11.0.0.0, PUBLIC",
        "100.63.255.255, PUBLIC",
        "100.64.0.0, SHARED",
        "100.100.100.200, METADATA",
        "100.127.255.255, SHARED",
        "100.128.0.0, PUBLIC",
        "126.255.255.255, PUBLIC",
        "127.0.0.0, LOOPBACK",
        "127.255.255.255, LOOPBACK",
        "128.0.0.0, PUBLIC",
        "168.63.129.16, METADATA",
        "169.253.255.255, PUBLIC",
        "169.254.0.0, LINK_LOCAL",
        "169.254.169.254, METADATA",
        "169.254.255.255, LINK_LOCAL",
        "169.255.0.0, PUBLIC",
        "172.15.255.255, PUBLIC",
        "172.16.0.0, PRIVATE",
        "172.31.255.255, PRIVATE",
        "172.32.0.0, PUBLIC",
        "192.0.0.1, RESERVED",
        "192.0.0.192, METADATA",
        "192.0.1.0, PUBLIC",
        "192.0.2.1, RESERVED",
        "192.88.99.1, RESERVED",
        "192.167.255.255, PUBLIC",
        "192.168.0.0, PRIVATE",
        "192.168.255.255, PRIVATE",
        "192.169.0.0, PUBLIC",
        "198.17.255.255, PUBLIC",
        "198.18.0.0, RESERVED",
        "198.19.255.255, RESERVED",
        "198.20.0.0, PUBLIC",
        "198.51.100.7, RESERVED",
        "203.0.113.7, RESERVED",
        "223.255.255.255, PUBLIC",
        "224.0.0.0, MULTICAST",
        "239.255.255.255, MULTICAST",
        "240.0.0.0, RESERVED",
        "255.255.255.255, RESERVED",
        "::, LOOPBACK",
        "::1, LOOPBACK",
        "::2, LOOPBACK",
        "::808:808, RESERVED",
        "::a00:1, PRIVATE",
        "::ffff:127.0.0.1, LOOPBACK",
        "::ffff:8.8.8.8, PUBLIC",
        "64:ff9b::808:808, PUBLIC",
        "64:ff9b::a00:1, PRIVATE",
        "64:ff9b::a9fe:a9fe, METADATA",
        "64:ff9b:1::808:808, RESERVED",
        "100::1, RESERVED",
        "1fff::1, RESERVED",
        "2001::1, RESERVED",
        "2001:1ff:ffff::1, RESERVED",
        "2001:200::1, PUBLIC",
        "2001:db8::1, RESERVED",
        "2001:4860:4860::8888, PUBLIC",
        "2002:808:808::1, PUBLIC",
        "2002:7f00:1::1, LOOPBACK",
        "2002:c0a8:101::1, PRIVATE",
        "2a00:1450::200:5efe:a00:1, PRIVATE",
        "2a00:1450::5efe:808:808, PUBLIC",
        "3ffe::1, PUBLIC",
        "3fff:fff::1, RESERVED",
        "4000::1, RESERVED",
        "5f00::1, RESERVED",
        "fc00::1, PRIVATE",
        "fd00:ec2::254, METADATA",
        "fd20:ce::254, METADATA",
        "fdff::1, PRIVATE",
        "fe80::1, LINK_LOCAL",
        "febf::1, LINK_LOCAL",
        "fec0::1, PRIVATE",
        "ff02::1, MULTICAST"
    })
    void anAddressLeadsWhereTheRegistriesSay(String text, Reach reach) {
        assertThat(Reach.of(ip(text))).as(text).isEqualTo(reach);
    }

    @Provide
    Arbitrary<byte[]> four() {
        return Arbitraries.bytes().array(byte[].class).ofSize(4);
    }

    @Provide
    Arbitrary<byte[]> sixteen() {
        return Arbitraries.bytes().array(byte[].class).ofSize(16);
    }

    /** What the JDK calls special is never public. */
    @Property
    void whatTheJdkKnowsToBeSpecialIsNeverPublic(@ForAll("four") byte[] v4, @ForAll("sixteen") byte[] v6)
            throws UnknownHostException {
        for (byte[] bytes : new byte[][] {v4, v6}) {
            InetAddress address = InetAddress.getByAddress(bytes);
            boolean special = address.isAnyLocalAddress()
                    || address.isLoopbackAddress()
                    || address.isLinkLocalAddress()
                    || address.isSiteLocalAddress()
                    || address.isMulticastAddress();
            if (special) {
                assertThat(Reach.of(IpAddress.of(address))).isNotEqualTo(Reach.PUBLIC);
            }
        }
    }

    /** However an address of IPv4 is wrapped, it leads where it would lead by itself, or nowhere. */
    @Property
    void anAddressOfIpv4IsTheSameInAnyWrapping(@ForAll("four") byte[] v4) {
        Reach bare = Reach.of(new IpAddress(v4));
        assertThat(Reach.of(wrapped("::ffff:0.0.0.0", 12, v4))).isEqualTo(bare);
        assertThat(Reach.of(wrapped("64:ff9b::", 12, v4))).isEqualTo(bare);
        assertThat(Reach.of(wrapped("2002::1", 2, v4))).isEqualTo(bare);
        assertThat(Reach.of(wrapped("2a00:1450::5efe:0:0", 12, v4))).isEqualTo(bare);
        assertThat(Reach.of(wrapped("::", 12, v4))).isNotEqualTo(Reach.PUBLIC);
    }

    private static IpAddress wrapped(String around, int at, byte[] v4) {
        byte[] bytes = around.startsWith("::ffff")
                ? new byte[] {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1, 0, 0, 0, 0}
                : ip(around).bytes().clone();
        System.arraycopy(v4, 0, bytes, at, 4);
        return new IpAddress(bytes);
    }

    /** Of IPv6 nothing is public that was not given out to anybody. */
    @Property
    void ofIpv6OnlyWhatIsGivenOutIsPublic(@ForAll("sixteen") byte[] v6) {
        if (Reach.of(new IpAddress(v6)) == Reach.PUBLIC) {
            boolean given = (v6[0] & 0xe0) == 0x20;
            boolean translated = Arrays.equals(v6, 0, 4, new byte[] {0, 0x64, (byte) 0xff, (byte) 0x9b}, 0, 4);
            assertThat(given || translated || new IpAddress(v6).bytes().length == 4)
                    .isTrue();
        }
    }

    @Property
    void aNetworkHoldsWhatSharesItsBitsAndNothingElse(@ForAll("sixteen") byte[] v6, @ForAll("sixteen") byte[] other) {
        IpAddress address = new IpAddress(v6);
        if (address.bytes().length == 4) {
            return;
        }
        for (int bits = 0; bits <= 128; bits++) {
            byte[] near = other.clone();
            for (int i = 0; i < bits; i++) {
                int mask = 0x80 >> (i % 8);
                near[i / 8] = (byte) ((near[i / 8] & ~mask) | (v6[i / 8] & mask));
            }
            Network network = new Network(address, bits);
            if (new IpAddress(near).bytes().length == 4) {
                assertThat(network.holds(new IpAddress(near))).isFalse();
                continue;
            }
            assertThat(network.holds(new IpAddress(near))).isTrue();
            if (bits > 0) {
                near[(bits - 1) / 8] ^= (byte) (0x80 >> ((bits - 1) % 8));
                assertThat(network.holds(new IpAddress(near))).isFalse();
            }
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {"", "10.0.0.0/33", "10.0.0/8", "::/129", "example.com", "10.0.0.0/-1", "10.0.0.0/ 8", "[::1]/128"
            })
    void whatIsNoNetworkIsRefused(String text) {
        assertThatThrownBy(() -> Network.parse(text))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("no address or CIDR");
    }
}
