package io.temponest.cli;

import io.temponest.knowledge.MediaTypes;
import io.temponest.knowledge.NewDocument;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.net.JarURLConnection;
import java.net.URI;
import java.net.URL;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.jar.JarEntry;
import java.util.jar.JarFile;
import java.util.stream.Stream;

/** The project's own documentation, which the build puts into the program. */
final class BundledDocs {

    private static final String FOLDER = "io/temponest/docs/";
    private static final String README = FOLDER + "README.md";

    private BundledDocs() {}

    static List<NewDocument> read() {
        try {
            URL readme = Objects.requireNonNull(BundledDocs.class.getResource("/" + README), README);
            return names(readme).stream().map(BundledDocs::document).toList();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Full resource names, in order. */
    private static List<String> names(URL readme) throws IOException {
        if (readme.openConnection() instanceof JarURLConnection connection) {
            connection.setUseCaches(false);
            try (JarFile jar = connection.getJarFile()) {
                return jar.stream()
                        .map(JarEntry::getName)
                        .filter(name -> name.startsWith(FOLDER) && name.endsWith(".md"))
                        .sorted()
                        .toList();
            }
        }
        Path folder =
                Objects.requireNonNull(Path.of(URI.create(readme.toString())).getParent());
        try (Stream<Path> files = Files.walk(folder)) {
            return files.filter(file -> file.toString().endsWith(".md"))
                    .map(file -> FOLDER + folder.relativize(file))
                    .sorted()
                    .toList();
        }
    }

    private static NewDocument document(String resource) {
        try (InputStream content =
                Objects.requireNonNull(BundledDocs.class.getResourceAsStream("/" + resource), resource)) {
            String filename = resource.substring(resource.lastIndexOf('/') + 1);
            return new NewDocument(filename, MediaTypes.MARKDOWN, content.readAllBytes());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
