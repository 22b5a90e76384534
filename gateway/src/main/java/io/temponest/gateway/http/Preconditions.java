package io.temponest.gateway.http;

import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.vertx.core.MultiMap;
import java.util.Optional;

/** What a client says of the representation that it knows: If-Match and If-None-Match (RFC 9110, section 13.1). */
public final class Preconditions {

    private static final String IF_MATCH = "If-Match";
    private static final String IF_NONE_MATCH = "If-None-Match";

    private final Optional<EntityTags> ifMatch;
    private final Optional<EntityTags> ifNoneMatch;

    private Preconditions(Optional<EntityTags> ifMatch, Optional<EntityTags> ifNoneMatch) {
        this.ifMatch = ifMatch;
        this.ifNoneMatch = ifNoneMatch;
    }

    /** A mistake in a header is a 400 that names it. */
    static Preconditions read(MultiMap headers) {
        return new Preconditions(
                EntityTags.read(IF_MATCH, headers.getAll(IF_MATCH)),
                EntityTags.read(IF_NONE_MATCH, headers.getAll(IF_NONE_MATCH)));
    }

    /**
     * For what changes a resource: fails with 412 where the client knows another representation than the current one, as a GET
     * would answer it. Asked within the transaction that has locked the resource.
     */
    public void check(Object current) {
        if (ifMatch.isPresent() && !ifMatch.get().matchStrongly(EntityTags.of(current))) {
            throw changed();
        }
    }

    /** The same for what reads it. */
    void check(String tag) {
        if (ifMatch.isPresent() && !ifMatch.get().matchStrongly(tag)) {
            throw changed();
        }
    }

    /** Whether the client knows what it would be sent. */
    boolean known(String tag) {
        return ifNoneMatch.isPresent() && ifNoneMatch.get().matchWeakly(tag);
    }

    private static ApiException changed() {
        return new ApiError(
                        ErrorType.PRECONDITION_FAILED_ERROR,
                        "The resource is not as 'If-Match' says; read it again.",
                        Optional.of(IF_MATCH),
                        "resource_changed")
                .exception();
    }
}
