package io.temponest.embedded;

import io.temponest.config.DurableFile;
import io.temponest.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.util.HexFormat;

/**
 * Random passwords of the server's roles, kept beside its data in a file that only we can read.
 *
 * @param superuser of {@code postgres}
 * @param owner of {@code temponest_owner}
 * @param app of {@code temponest_app}
 */
record Credentials(String superuser, String owner, String app) {

    private static final int BYTES = 24;

    static Credentials readOrMake(Path file) throws IOException {
        if (Files.exists(file)) {
            return Json.read(Files.readAllBytes(file), Credentials.class);
        }
        SecureRandom random = new SecureRandom();
        Credentials made = new Credentials(password(random), password(random), password(random));
        // On the disk before the database knows them: a database whose passwords are lost is lost.
        DurableFile.write(file, Json.bytes(made));
        return made;
    }

    private static String password(SecureRandom random) {
        byte[] bytes = new byte[BYTES];
        random.nextBytes(bytes);
        return HexFormat.of().formatHex(bytes);
    }

    @Override
    public String toString() {
        return "Credentials[***]";
    }
}
