package io.temponest.gateway.auth;

import io.vertx.core.Future;

/** An attempt to get in, of a request whose credentials are not known yet. */
public interface Attempt {

    /** Is asked before the credentials are looked up; its failure is the request's answer. */
    Future<Void> begin();
}
