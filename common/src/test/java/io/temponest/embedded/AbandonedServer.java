package io.temponest.embedded;

import java.nio.file.Path;

/** A process that starts the server of a folder and dies without a word. */
final class AbandonedServer {

    private AbandonedServer() {}

    public static void main(String[] arguments) {
        EmbeddedPostgres server = EmbeddedPostgres.start(Path.of(arguments[0]));
        System.out.println(server.appUrl().port());
        System.out.flush();
        Runtime.getRuntime().halt(137);
    }
}
