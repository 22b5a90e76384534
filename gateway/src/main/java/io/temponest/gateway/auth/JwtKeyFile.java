package io.temponest.gateway.auth;

import io.temponest.config.DurableFile;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Changes the file of {@link JwtKeys}, one step of a rotation at a time: a new key verifies before it signs, and an old one
 * verifies after it has signed. Each change is atomic and leaves a file of mode 600; two at once wait for each other. Blocks.
 * What cannot be done fails with {@link IllegalArgumentException} that says why.
 */
public final class JwtKeyFile {

    private static final Pattern ENTRY = Pattern.compile(
            "(?:# made (\\S+)\\n)?(-----BEGIN PRIVATE KEY-----[A-Za-z0-9+/=\\s]+-----END PRIVATE KEY-----)");

    private final Path file;
    private final InstantSource clock;

    public JwtKeyFile(Path file, InstantSource clock) {
        this.file = file.toAbsolutePath();
        this.clock = clock;
    }

    /** @param made when; a key that does not say is older than those that do */
    private record Entry(Optional<Instant> made, String pem) {

        static final Comparator<Entry> AGE =
                Comparator.comparing(entry -> entry.made().orElse(Instant.MIN));

        String text() {
            return made.map(instant -> "# made " + instant + "\n").orElse("") + pem.strip() + "\n";
        }
    }

    /** Appends a new key, which verifies and does not sign; in a new file it signs. @return how many there are */
    public int add() {
        return change(entries -> {
            List<Entry> more = new ArrayList<>(entries);
            more.add(new Entry(Optional.of(clock.instant().truncatedTo(ChronoUnit.MILLIS)), JwtKeys.newPem()));
            return more;
        });
    }

    /** Makes the newest key the one that signs. @return how many there are */
    public int promote() {
        return change(entries -> {
            // Of keys that do not say when they were made, the last is the newest: keys are appended.
            Entry newest = entries.reversed().stream()
                    .max(Entry.AGE)
                    .orElseThrow(() -> new IllegalArgumentException("'%s' holds no key; add one".formatted(file)));
            if (newest.equals(entries.getFirst())) {
                throw new IllegalArgumentException("the newest key signs already; add one first");
            }
            List<Entry> others = new ArrayList<>(entries);
            others.remove(newest);
            others.addFirst(newest);
            return others;
        });
    }

    /** Drops the oldest key that does not sign: tokens of it are refused from then on. @return how many are left */
    public int retire() {
        return change(entries -> {
            Entry oldest = entries.stream()
                    .skip(1)
                    .min(Entry.AGE)
                    .orElseThrow(() -> new IllegalArgumentException(
                            "there is no key besides the one that signs; add and promote another first"));
            return entries.stream().filter(entry -> !entry.equals(oldest)).toList();
        });
    }

    /** The thumbprints of the keys, as tokens and the JWKS name them; the first is that of the one that signs. */
    public List<String> list() {
        try {
            return JwtKeys.check(file, Files.readString(file));
        } catch (IOException e) {
            throw new IllegalArgumentException("cannot read '" + file + "'", e);
        }
    }

    private int change(UnaryOperator<List<Entry>> change) {
        try {
            Path target = Files.exists(file) ? file.toRealPath() : file;
            Path folder = Files.createDirectories(target.getParent());
            Path lock = folder.resolve("." + target.getFileName() + ".lock");
            try (FileChannel guard =
                    FileChannel.open(lock, Set.of(StandardOpenOption.CREATE, StandardOpenOption.WRITE), owner())) {
                guard.lock();
                List<Entry> entries = change.apply(read(target));
                replace(target, entries);
                return entries.size();
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static List<Entry> read(Path target) throws IOException {
        List<Entry> entries = new ArrayList<>();
        if (Files.exists(target)) {
            String text = Files.readString(target);
            JwtKeys.check(target, text);
            Matcher matcher = ENTRY.matcher(text);
            while (matcher.find()) {
                entries.add(new Entry(Optional.ofNullable(matcher.group(1)).map(Instant::parse), matcher.group(2)));
            }
        }
        return entries;
    }

    private static void replace(Path target, List<Entry> entries) throws IOException {
        String text = String.join("", entries.stream().map(Entry::text).toList());
        JwtKeys.check(target, text);
        DurableFile.write(target, text.getBytes(StandardCharsets.US_ASCII));
    }

    private static FileAttribute<?> owner() {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rw-------"));
    }

    @Override
    public String toString() {
        return file.toString();
    }
}
