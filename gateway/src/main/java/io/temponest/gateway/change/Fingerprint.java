package io.temponest.gateway.change;

import io.temponest.error.ApiError;
import io.temponest.gateway.http.Call;
import io.temponest.idempotency.RepeatableRequest;
import io.temponest.identity.Sha256;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import io.vertx.ext.web.FileUpload;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.DigestOutputStream;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/** What makes two requests the same one: method, path and body. Of a form, its files: its boundary is another each time. */
final class Fingerprint {

    private static final String HEADER = "Idempotency-Key";
    private static final Pattern KEY = Pattern.compile("[\\x20-\\x7E]{1,255}");

    private Fingerprint() {}

    /** Empty where the request has no Idempotency-Key; a malformed one is a 400. */
    static Future<Optional<RepeatableRequest>> of(Call call) {
        List<String> keys = call.headers(HEADER);
        if (keys.isEmpty()) {
            return Future.succeededFuture(Optional.empty());
        }
        String key = keys.getFirst();
        if (keys.size() > 1 || !KEY.matcher(key).matches()) {
            return Future.failedFuture(ApiError.invalid(
                            HEADER,
                            "invalid_header",
                            "'Idempotency-Key' must be given once, with 1 to 255 printable ASCII characters.")
                    .exception());
        }
        return digest(call).map(sha256 -> Optional.of(RepeatableRequest.of(call.principal(), key, sha256)));
    }

    private static Future<byte[]> digest(Call call) {
        byte[] target = (call.target() + "\n").getBytes(StandardCharsets.UTF_8);
        List<FileUpload> files = call.files();
        if (files.isEmpty()) {
            Buffer body = call.rawBody();
            return call.offLoop(body.length(), () -> Sha256.of(target, body.getBytes()));
        }
        return call.offLoop(Integer.MAX_VALUE, () -> {
            List<byte[]> parts = new ArrayList<>(List.of(target));
            for (FileUpload file : files) {
                // Of fixed length each, so that no two forms run into the same bytes.
                parts.add(Sha256.of(file.name()));
                parts.add(Sha256.of(file.fileName()));
                parts.add(sha256(Path.of(file.uploadedFileName())));
            }
            return Sha256.of(parts.toArray(byte[][]::new));
        });
    }

    private static byte[] sha256(Path file) throws IOException, NoSuchAlgorithmException {
        MessageDigest digest = MessageDigest.getInstance("SHA-256");
        try (InputStream in = Files.newInputStream(file);
                DigestOutputStream out = new DigestOutputStream(java.io.OutputStream.nullOutputStream(), digest)) {
            in.transferTo(out);
        }
        return digest.digest();
    }
}
