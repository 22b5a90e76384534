package io.temponest.cli;

import io.temponest.config.DurableFile;
import io.temponest.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.Optional;

/**
 * The first credentials, in {@code admin.json} of the data folder, readable by its owner alone.
 *
 * @param tenant id of the first tenant
 * @param url of the API when it was last started
 */
record AdminFile(String email, String password, String apiKey, String tenant, String url) {

    private static final String NAME = "admin.json";

    static Path in(Path dataDir) {
        return dataDir.resolve(NAME);
    }

    static Optional<AdminFile> read(Path dataDir) throws IOException {
        Path file = in(dataDir);
        return Files.exists(file)
                ? Optional.of(Json.read(Files.readAllBytes(file), AdminFile.class))
                : Optional.empty();
    }

    AdminFile withUrl(String other) {
        return new AdminFile(email, password, apiKey, tenant, other);
    }

    /** Writes the file so that it is whole, and on the disk, or not there. One of another tenant is kept beside it. */
    void write(Path dataDir) throws IOException {
        Files.createDirectories(dataDir);
        Optional<AdminFile> other = read(dataDir).filter(file -> !file.tenant().equals(tenant));
        if (other.isPresent()) {
            Files.move(
                    in(dataDir),
                    dataDir.resolve("admin-" + other.get().tenant() + ".json"),
                    StandardCopyOption.REPLACE_EXISTING);
        }
        DurableFile.write(in(dataDir), Json.bytes(this));
    }

    @Override
    public String toString() {
        return "AdminFile[" + email + "]";
    }
}
