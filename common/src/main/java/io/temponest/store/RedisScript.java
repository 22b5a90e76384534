package io.temponest.store;

import io.vertx.core.Future;
import io.vertx.redis.client.Command;
import io.vertx.redis.client.Request;
import io.vertx.redis.client.Response;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;

/** A Lua script over one key, known to the server by its SHA-1; a server that does not know it yet is sent its text. */
public final class RedisScript {

    private final String text;
    private final String sha1;

    public RedisScript(String text) {
        this.text = text;
        this.sha1 = sha1(text);
    }

    private static String sha1(String text) {
        try {
            return HexFormat.of()
                    .formatHex(MessageDigest.getInstance("SHA-1").digest(text.getBytes(StandardCharsets.UTF_8)));
        } catch (NoSuchAlgorithmException e) {
            throw new IllegalStateException(e);
        }
    }

    /** Runs it, at most once; fails as {@link Redis#send} does. */
    public Future<Response> run(Redis redis, String key, Object... arguments) {
        return redis.send(request(Command.EVALSHA, sha1, key, arguments)).recover(failure -> {
            boolean unknown = String.valueOf(failure.getMessage()).startsWith("NOSCRIPT");
            return unknown ? redis.send(request(Command.EVAL, text, key, arguments)) : Future.failedFuture(failure);
        });
    }

    private static Request request(Command command, String script, String key, Object... arguments) {
        Request request = Request.cmd(command).arg(script).arg(1).arg(key);
        for (Object argument : arguments) {
            request.arg(String.valueOf(argument));
        }
        return request;
    }
}
