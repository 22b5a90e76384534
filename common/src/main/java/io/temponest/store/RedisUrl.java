package io.temponest.store;

import io.temponest.config.Secret;
import java.net.URI;

/**
 * Where a Redis server is.
 *
 * @param host as the URL names it, for logs
 * @param port TCP port
 * @param whole the URL, which may hold a password
 */
public record RedisUrl(String host, int port, Secret whole) {

    private static final int DEFAULT_PORT = 6379;

    /** Reads {@code redis://[[user]:password@]host[:port][/database]}, {@code rediss://} for TLS; else {@link IllegalArgumentException}. */
    public static RedisUrl parse(String text) {
        URI uri;
        try {
            uri = URI.create(text.strip());
        } catch (IllegalArgumentException e) {
            throw new IllegalArgumentException("is not a URL", e);
        }
        if (!"redis".equals(uri.getScheme()) && !"rediss".equals(uri.getScheme())) {
            throw new IllegalArgumentException("must start with redis:// or rediss://");
        }
        if (uri.getHost() == null) {
            throw new IllegalArgumentException("must have the form redis://:password@host:port/database");
        }
        return new RedisUrl(
                uri.getHost(), uri.getPort() < 0 ? DEFAULT_PORT : uri.getPort(), new Secret(uri.toString()));
    }
}
