package io.temponest.gateway.limit;

import java.util.Locale;

/** What kind of work a request asks for; each has limits of its own. */
public enum RouteClass {
    /** Never limited: what load balancers ask. */
    PROBE(true, false),
    PUBLIC(true, false),
    READ(true, true),
    WRITE(true, true),
    EXECUTE(false, true),
    MODEL(false, true),
    LOGIN(false, false),
    REGISTER(false, false),
    REFRESH(false, false),
    RESET(false, true),
    /** Credentials that are refused, or have to be looked up to know; not counted where they turn out to be good. */
    UNAUTHENTICATED(true, false),
    /** Sends mail to somebody who has not asked for it. */
    INVITE(false, true),
    API_KEY_CREATE(false, true),
    API_KEY_LIST(true, true),
    API_KEY_REVOKE(true, true);

    private final boolean open;
    private final String text = name().toLowerCase(Locale.ROOT);
    private final boolean ofPlans;

    RouteClass(boolean open, boolean ofPlans) {
        this.open = open;
        this.ofPlans = ofPlans;
    }

    /**
     * Whether requests go on, within this node's own limits, while the cluster's cannot be asked. What guesses at credentials,
     * spends money or hands out new rights waits instead.
     */
    public boolean open() {
        return open;
    }

    /** Whether each plan must limit it: callers who are known ask for it, and it is not {@link #open}. */
    public boolean neededInPlans() {
        return ofPlans && !open;
    }

    @Override
    public String toString() {
        return text;
    }
}
