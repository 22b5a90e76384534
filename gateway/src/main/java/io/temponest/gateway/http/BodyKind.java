package io.temponest.gateway.http;

/** What a request may carry. */
public enum BodyKind {
    /** Nothing; what is sent all the same is not looked at. */
    NONE(1 << 20),
    JSON(1 << 20),
    /** JSON with a conversation or a text in it. */
    LARGE_JSON(10 << 20),
    /** A form with files, which go to disk as they arrive; the limit leaves room for the form around 10 MiB of files. */
    FILES((10 << 20) + (64 << 10));

    private final int limit;

    BodyKind(int limit) {
        this.limit = limit;
    }

    /** Bytes. */
    public int limit() {
        return limit;
    }

    boolean json() {
        return this == JSON || this == LARGE_JSON;
    }
}
