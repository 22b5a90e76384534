package io.temponest.cli;

import io.temponest.testing.TestDatabase;
import io.temponest.testing.TestPorts;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileTime;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;

/**
 * How tests start the program. Where a build says which jar it is in, they start that one, with what the JVM has learned of
 * a start, as the launcher does; that is learned once for all JVMs of tests, until a jar changes.
 */
final class Program {

    private static final String JAR = System.getProperty("process.jar", "");
    private static final Path TARGET = Path.of("target").toAbsolutePath();
    private static final List<Path> CLASS_PATH = classPath();

    private Program() {}

    /** In the order of loading: what is learned holds for this very class path. */
    private static class Learned {

        private static final List<String> FLAGS = flags();

        private static List<String> flags() {
            if (JAR.isEmpty() || CLASS_PATH.stream().anyMatch(Files::isDirectory)) {
                return List.of();
            }
            try (FileChannel file = FileChannel.open(
                    TARGET.resolve("starts.lock"), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
                // Until the channel is closed: one JVM learns, and the others wait for it.
                file.lock();
                Path cache = TARGET.resolve("starts.aot");
                if (!isCurrent(cache)) {
                    learn(cache);
                }
                return List.of("-XX:AOTCache=" + cache, "-Xlog:aot=off", "-Xlog:cds=off");
            } catch (IOException e) {
                throw new UncheckedIOException(e);
            }
        }

        private static boolean isCurrent(Path cache) throws IOException {
            if (!Files.exists(cache)) {
                return false;
            }
            FileTime learned = Files.getLastModifiedTime(cache);
            for (Path jar : CLASS_PATH) {
                if (Files.getLastModifiedTime(jar).compareTo(learned) > 0) {
                    return false;
                }
            }
            return true;
        }

        /** A node of a cluster of one, as it loads most of all classes, and what is asked of it most. */
        private static void learn(Path cache) throws IOException {
            Path folder = Files.createTempDirectory(TARGET, "starts");
            Path fresh = folder.resolve("fresh.aot");
            int port = TestPorts.next();
            Map<String, String> settings = new HashMap<>(TestServer.databaseSettings(TestDatabase.create()));
            settings.put("TEMPONEST_CLUSTER", "static");
            settings.put("TEMPONEST_CLUSTER_PORT", Integer.toString(port));
            settings.put("TEMPONEST_CLUSTER_MEMBERS", "127.0.0.1:" + port);
            try (TempoNestProcess process =
                            TempoNestProcess.start(folder, settings, "up", List.of("-XX:AOTCacheOutput=" + fresh));
                    ApiCaller api = TestServer.admin(process, folder)) {
                TestServer.collection(api, "learned");
                process.stopAndLearn();
            }
            Files.move(fresh, cache, StandardCopyOption.REPLACE_EXISTING);
        }
    }

    private static List<Path> classPath() {
        List<Path> ours = List.of(TARGET.resolve("classes"), TARGET.resolve("test-classes"));
        Stream<Path> all = Arrays.stream(
                        System.getProperty("java.class.path").split(System.getProperty("path.separator")))
                .map(Path::of);
        return JAR.isEmpty()
                ? all.toList()
                : Stream.concat(Stream.of(Path.of(JAR)), all.filter(entry -> !ours.contains(entry.toAbsolutePath())))
                        .toList();
    }

    /** A command line with what was learned. */
    static List<String> line(String command) {
        return line(command, Learned.FLAGS);
    }

    /** @param flags of the JVM, beyond those that all have */
    static List<String> line(String command, List<String> flags) {
        String classPath = String.join(
                Objects.requireNonNull(System.getProperty("path.separator")),
                CLASS_PATH.stream().map(Path::toString).toList());
        return line(flags, List.of("-cp", classPath, "io.temponest.cli.Main", command));
    }

    /** @param jar the program, beside its libraries */
    static List<String> line(Path jar, String command) {
        return line(List.of("-XX:TieredStopAtLevel=1"), List.of("-jar", jar.toString(), command));
    }

    private static List<String> line(List<String> flags, List<String> program) {
        List<String> line = new ArrayList<>(List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "--sun-misc-unsafe-memory-access=allow",
                "-XX:+UseCompactObjectHeaders",
                "-Dai.djl.offline=true",
                "-DOPT_OUT_TRACKING=true",
                "-Dio.netty.jfr.enabled=false"));
        line.addAll(flags);
        line.addAll(program);
        return line;
    }
}
