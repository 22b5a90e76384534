package io.temponest.address;

/**
 * The addresses that begin alike.
 *
 * @param bits that an address must share
 */
public record Network(IpAddress address, int bits) {

    /** Reads an address or a CIDR; {@link IllegalArgumentException} says that it is neither. */
    public static Network parse(String text) {
        int slash = text.indexOf('/');
        IpAddress address = IpAddress.parse(slash < 0 ? text : text.substring(0, slash))
                .orElseThrow(() -> new IllegalArgumentException("'%s' is no address or CIDR".formatted(text)));
        int most = address.bytes().length * 8;
        String bits = slash < 0 ? Integer.toString(most) : text.substring(slash + 1);
        if (!bits.matches("\\d{1,3}") || Integer.parseInt(bits) > most) {
            throw new IllegalArgumentException("'%s' is no address or CIDR".formatted(text));
        }
        return new Network(address, Integer.parseInt(bits));
    }

    public boolean holds(IpAddress other) {
        return other.startsLike(address, bits);
    }

    @Override
    public String toString() {
        return address.text() + "/" + bits;
    }
}
