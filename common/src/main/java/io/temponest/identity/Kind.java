package io.temponest.identity;

/** The resources that have an id, with the prefix that its text form starts with. */
public enum Kind {
    TENANT("ten"),
    USER("usr"),
    ROLE("rol"),
    API_KEY("key"),
    PROJECT("prj"),
    AGENT("agt"),
    AGENT_VERSION("agv"),
    RUN("run"),
    APPROVAL("apr"),
    COLLECTION("col"),
    DOCUMENT("doc"),
    CHUNK("chk"),
    SESSION("wks"),
    USER_SESSION("ses"),
    INVITATION("inv"),
    USAGE("usg"),
    BUDGET("bud"),
    ALERT("alr"),
    PRICE("prc"),
    WEBHOOK("whk"),
    DELIVERY("dlv"),
    EVENT("evt"),
    AUDIT_ENTRY("aud"),
    REQUEST("req");

    private final String prefix;

    Kind(String prefix) {
        this.prefix = prefix;
    }

    public String prefix() {
        return prefix;
    }
}
