package io.temponest.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * How to run PostgreSQL's programs, which refuse to run as root. As an ordinary user: as they are. As root: in a user
 * namespace of their own where the kernel allows one, else as the user {@code nobody}.
 */
enum Unprivileged {
    AS_IS,
    OWN_NAMESPACE,
    AS_NOBODY;

    private static final int NOBODY = 65_534;

    static Unprivileged choose() {
        if (!isRoot()) {
            return AS_IS;
        }
        if (succeeds(List.of("unshare", "-U", "true"))) {
            return OWN_NAMESPACE;
        }
        if (succeeds(AS_NOBODY.command(List.of("true")))) {
            return AS_NOBODY;
        }
        throw new EmbeddedPostgresException(
                "PostgreSQL does not run as root, and neither 'unshare -U' nor 'setpriv' works here;"
                        + " run TempoNest as an ordinary user or set TEMPONEST_DATABASE_URL");
    }

    List<String> command(List<String> program) {
        List<String> command = new ArrayList<>();
        switch (this) {
            case AS_IS -> {}
            case OWN_NAMESPACE -> command.addAll(List.of("unshare", "-U"));
            case AS_NOBODY ->
                command.addAll(List.of("setpriv", "--reuid=" + NOBODY, "--regid=" + NOBODY, "--clear-groups"));
        }
        command.addAll(program);
        return command;
    }

    /** Lets the programs write a folder that we made. */
    void own(Path folder) throws IOException {
        if (this == AS_NOBODY) {
            Folders.giveTo(folder, NOBODY);
        }
    }

    private static boolean isRoot() {
        try {
            return Files.exists(Path.of("/proc/self"))
                    && Integer.valueOf(0).equals(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
        } catch (IOException | UnsupportedOperationException e) {
            return "root".equals(System.getProperty("user.name"));
        }
    }

    private static boolean succeeds(List<String> command) {
        try {
            Process process = new ProcessBuilder(command)
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            return process.waitFor(5, TimeUnit.SECONDS) && process.exitValue() == 0;
        } catch (IOException e) {
            return false;
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            return false;
        }
    }
}
