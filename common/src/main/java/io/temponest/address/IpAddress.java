package io.temponest.address;

import io.netty.util.NetUtil;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.Optional;

/** An IP address as its bytes, 4 or 16; one of IPv4 that is written as IPv6 is of IPv4. */
@SuppressWarnings("ArrayRecordComponent") // compared by bits alone
public record IpAddress(byte[] bytes) {

    private static final int NETWORK_BYTES = 8;
    private static final byte[] MAPPED = {0, 0, 0, 0, 0, 0, 0, 0, 0, 0, -1, -1};

    public IpAddress {
        if (bytes.length != 4 && bytes.length != 16) {
            throw new IllegalArgumentException("an address has 4 or 16 bytes, not " + bytes.length);
        }
        bytes = unmapped(bytes);
    }

    /** Reads a literal without port, brackets or zone; never asks a name server. */
    public static Optional<IpAddress> parse(String text) {
        byte[] bytes = NetUtil.createByteArrayFromIpAddressString(text);
        boolean plain = bytes != null && text.indexOf('[') < 0 && text.indexOf('%') < 0;
        return plain ? Optional.of(new IpAddress(bytes)) : Optional.empty();
    }

    public static IpAddress of(InetAddress address) {
        return new IpAddress(address.getAddress());
    }

    private static byte[] unmapped(byte[] bytes) {
        return bytes.length == 16 && Arrays.equals(bytes, 0, MAPPED.length, MAPPED, 0, MAPPED.length)
                ? Arrays.copyOfRange(bytes, MAPPED.length, bytes.length)
                : bytes.clone();
    }

    /** As the JDK has it, under a name that nobody is asked for. */
    public InetAddress named(String host) {
        try {
            return InetAddress.getByAddress(host, bytes);
        } catch (UnknownHostException e) {
            throw new IllegalStateException(e);
        }
    }

    public String text() {
        return NetUtil.bytesToIpAddress(bytes);
    }

    /** What one site has: the address itself, or of IPv6 its first 64 bits. */
    public String site() {
        if (bytes.length == 4) {
            return text();
        }
        byte[] network = Arrays.copyOf(bytes, bytes.length);
        Arrays.fill(network, NETWORK_BYTES, network.length, (byte) 0);
        return NetUtil.bytesToIpAddress(network) + "/64";
    }

    /** The address of IPv4 that begins at one of an IPv6 address's bytes. */
    IpAddress embedded(int from) {
        return new IpAddress(Arrays.copyOfRange(bytes, from, from + 4));
    }

    boolean startsLike(IpAddress other, int bits) {
        if (bytes.length != other.bytes.length) {
            return false;
        }
        int whole = bits / 8;
        int rest = bits % 8;
        int mask = 0xff << (8 - rest);
        return Arrays.equals(bytes, 0, whole, other.bytes, 0, whole)
                && (rest == 0 || (bytes[whole] & mask) == (other.bytes[whole] & mask));
    }
}
