package io.temponest.conformance;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.json.Json;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Which SDKs these are. */
final class Versions {

    private static final Pattern JAR = Pattern.compile("-(\\d[^/]*)\\.jar$");

    private Versions() {}

    /** By the name of the jar that a class comes from. */
    static String java(Class<?> from) {
        String jar = from.getProtectionDomain().getCodeSource().getLocation().getPath();
        Matcher matcher = JAR.matcher(jar);
        if (!matcher.find()) {
            throw new IllegalStateException("no version in " + jar);
        }
        return matcher.group(1);
    }

    /** The packages that package.json names. */
    static List<String> dependencies() {
        List<String> names = new ArrayList<>();
        read(Path.of("package.json")).path("dependencies").fieldNames().forEachRemaining(names::add);
        return names;
    }

    /** As the lock file has it, which {@code npm ci} installs. */
    static String node(String name) {
        return read(Path.of("package-lock.json"))
                .path("packages")
                .path("node_modules/" + name)
                .path("version")
                .asText();
    }

    /** As the installed package says. */
    static String installed(String name) {
        return read(Path.of("node_modules", name, "package.json"))
                .path("version")
                .asText();
    }

    private static JsonNode read(Path file) {
        try {
            return Json.tree(Files.readString(file));
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
