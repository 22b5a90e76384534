package io.temponest.knowledge;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;

/**
 * Formats that begin with bytes of their own, whatever the file is called.
 *
 * @param mediaType what the format is called
 * @param prefix its first bytes
 */
record FileSignature(String mediaType, List<Integer> prefix) {

    private static final FileSignature ZIP = new FileSignature("application/zip", List.of(0x50, 0x4B, 0x03, 0x04));

    private static final List<FileSignature> KNOWN = List.of(
            ZIP,
            new FileSignature(MediaTypes.PDF, List.of(0x25, 0x50, 0x44, 0x46, 0x2D)),
            new FileSignature("application/x-executable", List.of(0x7F, 0x45, 0x4C, 0x46)),
            new FileSignature("application/x-ole-storage", List.of(0xD0, 0xCF, 0x11, 0xE0, 0xA1, 0xB1, 0x1A, 0xE1)),
            new FileSignature("application/java-vm", List.of(0xCA, 0xFE, 0xBA, 0xBE)),
            new FileSignature("application/gzip", List.of(0x1F, 0x8B)),
            new FileSignature("application/x-7z-compressed", List.of(0x37, 0x7A, 0xBC, 0xAF, 0x27, 0x1C)),
            new FileSignature("application/x-rar-compressed", List.of(0x52, 0x61, 0x72, 0x21, 0x1A, 0x07)),
            new FileSignature("image/png", List.of(0x89, 0x50, 0x4E, 0x47)),
            new FileSignature("image/jpeg", List.of(0xFF, 0xD8, 0xFF)),
            new FileSignature("image/gif", List.of(0x47, 0x49, 0x46, 0x38)));

    /** A DOS program starts with "MZ", as a text may: only with a NUL near its start is it taken for one. */
    private static final FileSignature DOS = new FileSignature("application/x-dosexec", List.of(0x4D, 0x5A));

    private static final int DOS_HEADER = 64;
    private static final byte[] DOCX_MEMBER = "word/document.xml".getBytes(StandardCharsets.US_ASCII);

    FileSignature {
        prefix = List.copyOf(prefix);
    }

    /** The format that a file's first bytes show; a ZIP archive with Word's main member is a document. */
    static Optional<String> of(byte[] content) {
        if (ZIP.matches(content) && contains(content, DOCX_MEMBER)) {
            return Optional.of(MediaTypes.DOCX);
        }
        if (DOS.matches(content) && hasNul(content, DOS_HEADER)) {
            return Optional.of(DOS.mediaType());
        }
        return KNOWN.stream()
                .filter(known -> known.matches(content))
                .map(FileSignature::mediaType)
                .findFirst();
    }

    private boolean matches(byte[] content) {
        return startsWith(content, prefix.stream().mapToInt(Integer::intValue).toArray());
    }

    static boolean startsWith(byte[] content, int... wanted) {
        for (int i = 0; i < wanted.length; i++) {
            if (i >= content.length || (content[i] & 0xFF) != wanted[i]) {
                return false;
            }
        }
        return true;
    }

    private static boolean hasNul(byte[] content, int within) {
        for (int i = 0; i < Math.min(within, content.length); i++) {
            if (content[i] == 0) {
                return true;
            }
        }
        return false;
    }

    private static boolean contains(byte[] content, byte[] wanted) {
        for (int i = 0; i + wanted.length <= content.length; i++) {
            int matched = 0;
            while (matched < wanted.length && content[i + matched] == wanted[matched]) {
                matched++;
            }
            if (matched == wanted.length) {
                return true;
            }
        }
        return false;
    }
}
