package io.temponest.embedded;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Comparator;
import java.util.List;
import java.util.stream.Stream;

/** Whole folders. */
final class Folders {

    private Folders() {}

    static void delete(Path folder) throws IOException {
        List<Path> contents;
        try (Stream<Path> walk = Files.walk(folder)) {
            contents = walk.sorted(Comparator.reverseOrder()).toList();
        }
        for (Path path : contents) {
            Files.deleteIfExists(path);
        }
    }

    static void giveTo(Path folder, int uid) throws IOException {
        List<Path> contents;
        try (Stream<Path> walk = Files.walk(folder)) {
            contents = walk.toList();
        }
        for (Path path : contents) {
            Files.setAttribute(path, "unix:uid", uid, LinkOption.NOFOLLOW_LINKS);
        }
    }
}
