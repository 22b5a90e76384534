package io.temponest.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.Map;
import java.util.TreeMap;
import java.util.zip.Deflater;
import java.util.zip.DeflaterOutputStream;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;

/** Documents by their bytes, with what no editor would write. */
final class HostileFiles {

    private static final String TYPES = """
            <?xml version="1.0"?><Types xmlns="http://schemas.openxmlformats.org/package/2006/content-types">\
            <Default Extension="rels" ContentType="application/vnd.openxmlformats-package.relationships+xml"/>\
            <Default Extension="xml" ContentType="application/xml"/><Override PartName="/word/document.xml" \
            ContentType="application/vnd.openxmlformats-officedocument.wordprocessingml.document.main+xml"/></Types>""";

    private static final String ROOT = """
            <?xml version="1.0"?><Relationships xmlns="http://schemas.openxmlformats.org/package/2006/relationships">\
            <Relationship Id="r1" Target="word/document.xml" \
            Type="http://schemas.openxmlformats.org/officeDocument/2006/relationships/officeDocument"/></Relationships>""";

    private static final String BEFORE =
            "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\"><w:body><w:p><w:r><w:t>";
    private static final String BEHIND = "</w:t></w:r></w:p></w:body></w:document>";

    private static final int MEGABYTE = 1 << 20;

    private HostileFiles() {}

    private static byte[] zip(Map<String, byte[]> members) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (Map.Entry<String, byte[]> member : members.entrySet()) {
                out.putNextEntry(new ZipEntry(member.getKey()));
                out.write(member.getValue());
                out.closeEntry();
            }
        }
        return bytes.toByteArray();
    }

    /**
     * A Word document.
     *
     * @param prolog what stands before its text part's root
     * @param text between tags
     * @param more further members by name
     */
    static byte[] docx(String prolog, String text, Map<String, String> more) {
        Map<String, byte[]> members = new TreeMap<>();
        members.put("[Content_Types].xml", TYPES.getBytes(StandardCharsets.UTF_8));
        members.put("_rels/.rels", ROOT.getBytes(StandardCharsets.UTF_8));
        members.put(
                "word/document.xml",
                ("<?xml version=\"1.0\"?>" + prolog + BEFORE + text + BEHIND).getBytes(StandardCharsets.UTF_8));
        more.forEach((name, content) -> members.put(name, content.getBytes(StandardCharsets.UTF_8)));
        try {
            return zip(members);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** A Word document whose text is one letter, over and over. */
    static byte[] docxOf(int megabytes) {
        return docx("", "a".repeat(megabytes * MEGABYTE), Map.of());
    }

    /** A PDF of pages that all have the same text in front of so many megabytes of nothing. */
    static byte[] pdf(String text, int megabytes, int pages) {
        byte[] content = packed("BT /F1 12 Tf 50 700 Td (%s) Tj ET\n".formatted(text), megabytes);
        StringBuilder kids = new StringBuilder();
        for (int i = 0; i < pages; i++) {
            kids.append(5 + i).append(" 0 R ");
        }
        Pdf pdf = new Pdf();
        pdf.object("<</Type/Catalog/Pages 2 0 R/OpenAction<</S/URI/URI(http://%s/)>>>>".formatted(text));
        pdf.object("<</Type/Pages/Kids[%s]/Count %d>>".formatted(kids, pages));
        pdf.object("<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>");
        pdf.stream("<</Filter/FlateDecode/Length %d>>".formatted(content.length), content);
        for (int i = 0; i < pages; i++) {
            pdf.object(
                    "<</Type/Page/Parent 2 0 R/MediaBox[0 0 600 800]/Resources<</Font<</F1 3 0 R>>>>/Contents 4 0 R>>");
        }
        return pdf.end();
    }

    private static byte[] packed(String head, int megabytes) {
        byte[] block = new byte[MEGABYTE];
        Arrays.fill(block, (byte) ' ');
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (OutputStream out = new DeflaterOutputStream(bytes, new Deflater(Deflater.BEST_COMPRESSION))) {
            out.write(head.getBytes(StandardCharsets.ISO_8859_1));
            for (int i = 0; i < megabytes; i++) {
                out.write(block);
            }
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        return bytes.toByteArray();
    }

    /** Its objects, and where they are. */
    private static final class Pdf {

        private final ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        private final StringBuilder table = new StringBuilder("0000000000 65535 f \n");
        private int objects;

        Pdf() {
            write("%PDF-1.4\n");
        }

        private void write(String text) {
            bytes.writeBytes(text.getBytes(StandardCharsets.ISO_8859_1));
        }

        private void begin() {
            table.append("%010d 00000 n \n".formatted(bytes.size()));
            objects++;
            write(objects + " 0 obj\n");
        }

        void object(String text) {
            begin();
            write(text + "\nendobj\n");
        }

        void stream(String dictionary, byte[] content) {
            begin();
            write(dictionary + "\nstream\n");
            bytes.writeBytes(content);
            write("\nendstream\nendobj\n");
        }

        byte[] end() {
            int at = bytes.size();
            write("xref\n0 %d\n%strailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF"
                    .formatted(objects + 1, table, objects + 1, at));
            return bytes.toByteArray();
        }
    }
}
