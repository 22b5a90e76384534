package io.temponest.gateway.http;

import io.temponest.error.ApiException;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerResponse;
import io.vertx.ext.web.RoutingContext;

/** Gives answers that are one resource their entity tag, and does not send what the client has. */
final class Singles {

    private Singles() {}

    /** Whether the request is answered already: with 304, or with 412 where it is not the representation of If-Match. */
    static boolean refusedOrKnown(RoutingContext context, Buffer json) {
        HttpServerResponse response = context.response();
        String tag = EntityTags.of(json.getBytes());
        if (context.request().method().equals(HttpMethod.GET)) {
            Preconditions preconditions = Preconditions.read(context.request().headers());
            try {
                preconditions.check(tag);
            } catch (ApiException changed) {
                context.fail(changed);
                return true;
            }
            // A client may keep it, for itself, and has to ask before it uses it again.
            response.putHeader("cache-control", "private, no-cache");
            if (preconditions.known(tag)) {
                response.putHeader("etag", tag).setStatusCode(304).end();
                return true;
            }
        }
        response.putHeader("etag", tag);
        return false;
    }
}
