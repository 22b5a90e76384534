package io.temponest.gateway.limit;

import java.util.Locale;

/** Whose use a limit counts. */
public enum Subject {
    /** Where the request comes from; of IPv6 the network of 64 bits that a site has. */
    ADDRESS,
    /** The account that someone tries to sign in to. */
    ACCOUNT,
    TENANT,
    /** The person, or the API key that stands for nobody. */
    USER,
    API_KEY;

    private final String text = name().toLowerCase(Locale.ROOT);

    @Override
    public String toString() {
        return text;
    }
}
