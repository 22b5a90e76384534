package io.temponest.knowledge;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.Charset;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CoderResult;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/** Which files can be read, told from their name and from what they hold. */
public final class MediaTypes {

    public static final String PLAIN = "text/plain";
    public static final String MARKDOWN = "text/markdown";
    public static final String HTML = "text/html";
    public static final String CSV = "text/csv";
    public static final String TSV = "text/tab-separated-values";
    public static final String JSON = "application/json";
    public static final String CODE = "text/x-code";
    public static final String PDF = "application/pdf";
    public static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private static final int MAX_NAME = 255;

    private static final Map<String, String> BY_SUFFIX = Map.ofEntries(
            Map.entry("txt", PLAIN),
            Map.entry("text", PLAIN),
            Map.entry("log", PLAIN),
            Map.entry("rst", PLAIN),
            Map.entry("md", MARKDOWN),
            Map.entry("markdown", MARKDOWN),
            Map.entry("html", HTML),
            Map.entry("htm", HTML),
            Map.entry("xhtml", HTML),
            Map.entry("csv", CSV),
            Map.entry("tsv", TSV),
            Map.entry("json", JSON),
            Map.entry("pdf", PDF),
            Map.entry("docx", DOCX));

    private static final Set<String> CODE_SUFFIXES = Stream.of(
                    "java kt kts scala groovy gradle py js mjs cjs ts tsx jsx vue go rs c h cc cpp hpp cs fs rb php swift",
                    "sh bash zsh ps1 bat sql xml xsd yaml yml toml ini cfg conf properties env css scss less tf hcl proto",
                    "graphql lua pl r jl ex exs erl hs clj dart jsonl ndjson diff patch adoc tex")
            .flatMap(line -> Stream.of(line.split(" ")))
            .collect(Collectors.toUnmodifiableSet());

    /** Files that have a name instead of a suffix. */
    private static final Set<String> CODE_NAMES =
            Set.of("dockerfile", "makefile", "jenkinsfile", "procfile", "gemfile", "vagrantfile");

    /** What an unreadable file is called in its refusal. */
    private static final Map<String, String> UNREADABLE = Map.ofEntries(
            Map.entry("exe", "application/x-dosexec"),
            Map.entry("dll", "application/x-dosexec"),
            Map.entry("msi", "application/x-ole-storage"),
            Map.entry("doc", "application/msword"),
            Map.entry("xls", "application/vnd.ms-excel"),
            Map.entry("xlsx", "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"),
            Map.entry("ppt", "application/vnd.ms-powerpoint"),
            Map.entry("pptx", "application/vnd.openxmlformats-officedocument.presentationml.presentation"),
            Map.entry("zip", "application/zip"),
            Map.entry("jar", "application/java-archive"),
            Map.entry("gz", "application/gzip"),
            Map.entry("tar", "application/x-tar"),
            Map.entry("png", "image/png"),
            Map.entry("jpg", "image/jpeg"),
            Map.entry("jpeg", "image/jpeg"),
            Map.entry("gif", "image/gif"),
            Map.entry("svg", "image/svg+xml"),
            Map.entry("mp3", "audio/mpeg"),
            Map.entry("mp4", "video/mp4"));

    private MediaTypes() {}

    /** Whether a file can be read. */
    public sealed interface Detected {

        /** It can. */
        record Accepted(String mediaType) implements Detected {}

        /**
         * It cannot.
         *
         * @param code {@code file_name_invalid}, {@code file_empty}, {@code file_type_unsupported} or {@code
         *     file_content_mismatch}
         * @param reason one sentence that names the file
         */
        record Refused(String code, String reason) implements Detected {}
    }

    /** Says whether a file can be read. Its name decides the type; what it holds must agree. */
    public static Detected detect(String filename, byte[] content) {
        if (filename.isBlank()
                || filename.length() > MAX_NAME
                || filename.chars().anyMatch(Character::isISOControl)) {
            return new Detected.Refused(
                    "file_name_invalid", "A file name must have 1 to 255 characters and no control characters.");
        }
        if (content.length == 0) {
            return new Detected.Refused("file_empty", "'%s' is an empty file.".formatted(filename));
        }
        Optional<String> held = FileSignature.of(content);
        Optional<String> named = byName(filename);
        if (named.isEmpty()) {
            return unnamed(filename, content, held);
        }
        String type = named.get();
        if (type.equals(PDF) || type.equals(DOCX)) {
            return held.filter(type::equals).isPresent()
                    ? new Detected.Accepted(type)
                    : mismatch(filename, "does not hold what its name says: it is no " + type);
        }
        if (held.isPresent()) {
            return mismatch(filename, "does not hold what its name says: it is " + held.get());
        }
        return notText(content).map(reason -> mismatch(filename, reason)).orElseGet(() -> new Detected.Accepted(type));
    }

    /** A file whose name says nothing that we can read. */
    private static Detected unnamed(String filename, byte[] content, Optional<String> held) {
        String suffix = suffix(filename);
        if (!UNREADABLE.containsKey(suffix)) {
            if (held.filter(type -> type.equals(PDF) || type.equals(DOCX)).isPresent()) {
                return new Detected.Accepted(held.get());
            }
            if (suffix.isEmpty() && held.isEmpty() && notText(content).isEmpty()) {
                return new Detected.Accepted(PLAIN);
            }
        }
        String type = held.or(() -> Optional.ofNullable(UNREADABLE.get(suffix)))
                .orElseGet(() -> notText(content).isEmpty() ? PLAIN : "application/octet-stream");
        return new Detected.Refused(
                "file_type_unsupported",
                "'%s' is of a type that cannot be read (%s); readable: %s, and source code and configuration files."
                        .formatted(filename, type, String.join(", ", new TreeSet<>(BY_SUFFIX.keySet()))));
    }

    private static Detected mismatch(String filename, String reason) {
        return new Detected.Refused("file_content_mismatch", "'%s' %s.".formatted(filename, reason));
    }

    private static Optional<String> byName(String filename) {
        String suffix = suffix(filename);
        if (CODE_SUFFIXES.contains(suffix) || CODE_NAMES.contains(filename.toLowerCase(Locale.ROOT))) {
            return Optional.of(CODE);
        }
        return Optional.ofNullable(BY_SUFFIX.get(suffix));
    }

    private static String suffix(String filename) {
        int dot = filename.lastIndexOf('.');
        return dot < 0 ? "" : filename.substring(dot + 1).toLowerCase(Locale.ROOT);
    }

    /** The text of a file in UTF-8, or in UTF-16 with a byte order mark; empty when it is neither or holds NUL. */
    public static Optional<String> text(byte[] content) {
        return decode(content) instanceof Decoded.Text(String text) ? Optional.of(text) : Optional.empty();
    }

    private static Optional<String> notText(byte[] content) {
        return decode(content) instanceof Decoded.Broken(String reason) ? Optional.of(reason) : Optional.empty();
    }

    private sealed interface Decoded {
        record Text(String text) implements Decoded {}

        record Broken(String reason) implements Decoded {}
    }

    private static Decoded decode(byte[] content) {
        boolean utf16 = FileSignature.startsWith(content, 0xFE, 0xFF) || FileSignature.startsWith(content, 0xFF, 0xFE);
        Charset charset = utf16 ? StandardCharsets.UTF_16 : StandardCharsets.UTF_8;
        int start = FileSignature.startsWith(content, 0xEF, 0xBB, 0xBF) ? 3 : 0;
        ByteBuffer in = ByteBuffer.wrap(content, start, content.length - start);
        CharBuffer out = CharBuffer.allocate(content.length - start + 1);
        CharsetDecoder decoder = charset.newDecoder();
        CoderResult result = decoder.decode(in, out, true);
        if (result.isError()) {
            return new Decoded.Broken("is not text: byte %d is not valid %s".formatted(in.position(), charset));
        }
        decoder.flush(out);
        String text = out.flip().toString();
        return text.indexOf('\0') < 0
                ? new Decoded.Text(text)
                : new Decoded.Broken("is not text: it holds NUL characters");
    }
}
