package io.temponest.gateway.limit;

import java.util.Locale;

/** What kind of work a request asks for; each has limits of its own. */
public enum RouteClass {
    /** Never limited: what load balancers ask. */
    PROBE(true),
    PUBLIC(true),
    READ(true),
    WRITE(true),
    EXECUTE(false),
    MODEL(false),
    LOGIN(false),
    REGISTER(false),
    REFRESH(false),
    RESET(false),
    API_KEY_CREATE(false),
    API_KEY_LIST(true),
    API_KEY_REVOKE(true);

    private final boolean open;

    RouteClass(boolean open) {
        this.open = open;
    }

    /**
     * Whether requests go on, within this node's own limits, while the cluster's cannot be asked. What guesses at credentials,
     * spends money or hands out new rights waits instead.
     */
    boolean open() {
        return open;
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
