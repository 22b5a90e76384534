package io.temponest.workers.knowledge;

import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.zip.ZipEntry;
import java.util.zip.ZipInputStream;
import java.util.zip.ZipOutputStream;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Files that are made to read others or to fill the memory. */
class HostileFileTest {

    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";
    private static final String BODY =
            "<w:document xmlns:w=\"http://schemas.openxmlformats.org/wordprocessingml/2006/main\">"
                    + "<w:body><w:p><w:r><w:t>%s</w:t></w:r></w:p></w:body></w:document>";
    private static final int HUGE = 300 << 20;

    @TempDir
    private Path folder;

    private final TextExtractor extractor = new TextExtractor();

    @Test
    void aDocumentThatNamesAnEntityOfAnotherFileIsDamaged() throws IOException {
        Path secret = Files.writeString(folder.resolve("secret.txt"), "the-secret");
        String xml = "<?xml version=\"1.0\"?><!DOCTYPE d [<!ENTITY e SYSTEM \"" + secret.toUri() + "\">]>"
                + BODY.formatted("before &e; after");
        byte[] file = docx(out -> out.write(xml.getBytes(StandardCharsets.UTF_8)));

        assertThatThrownBy(() -> extractor.extract("xxe.docx", DOCX, file))
                .isInstanceOf(ApiException.class)
                .hasMessage("'xxe.docx' cannot be read: it is damaged.");
    }

    /** 300 MiB of one letter in a file of some hundred KiB; this JVM may use 1 GiB. */
    @Test
    void aDocumentThatGrowsWithoutEndIsRefused() throws IOException {
        byte[] file = docx(out -> {
            String[] halves = BODY.split("%s", -1);
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) 'a');
            out.write(halves[0].getBytes(StandardCharsets.UTF_8));
            for (int written = 0; written < HUGE; written += block.length) {
                out.write(block);
            }
            out.write(halves[1].getBytes(StandardCharsets.UTF_8));
        });

        assertThatThrownBy(() -> extractor.extract("bomb.docx", DOCX, file))
                .isInstanceOf(ApiException.class)
                .hasMessage("'bomb.docx' cannot be read: it is larger than 50 MiB when it is unpacked.");
    }

    /** Packed once, twice in different ways, and little by little in pages that share it. */
    @ParameterizedTest
    @CsvSource({"FlateDecode, 400, 1", "ASCIIHexDecode FlateDecode, 400, 1", "FlateDecode, 20, 100"})
    void aPdfThatGrowsWithoutEndIsRefused(String filters, int megabytes, int pages) throws IOException {
        byte[] file = pdf(List.of(filters.split(" ")), megabytes, pages);

        assertThatThrownBy(() -> extractor.extract("bomb.pdf", "application/pdf", file))
                .isInstanceOf(ApiException.class)
                .hasMessage("'bomb.pdf' cannot be read: it is larger than 100 MiB when it is unpacked.");
    }

    private static byte[] pdf(List<String> filters, int megabytes, int pages) throws IOException {
        try (PDDocument document = new PDDocument()) {
            COSStream content = document.getDocument().createCOSStream();
            COSArray names = new COSArray();
            filters.forEach(name -> names.add(COSName.getPDFName(name)));
            byte[] block = new byte[1 << 20];
            Arrays.fill(block, (byte) ' ');
            try (OutputStream out = content.createOutputStream(names)) {
                for (int i = 0; i < megabytes; i++) {
                    out.write(block);
                }
            }
            for (int i = 0; i < pages; i++) {
                PDPage page = new PDPage();
                page.getCOSObject().setItem(COSName.CONTENTS, content);
                document.addPage(page);
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        }
    }

    private interface Content {
        void to(OutputStream out) throws IOException;
    }

    /** A proper document whose text part is another one. */
    private static byte[] docx(Content content) throws IOException {
        ByteArrayOutputStream proper = new ByteArrayOutputStream();
        try (XWPFDocument document = new XWPFDocument()) {
            document.createParagraph().createRun().setText("x");
            document.write(proper);
        }
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipInputStream in = new ZipInputStream(new ByteArrayInputStream(proper.toByteArray()));
                ZipOutputStream out = new ZipOutputStream(bytes)) {
            for (ZipEntry entry = in.getNextEntry(); entry != null; entry = in.getNextEntry()) {
                out.putNextEntry(new ZipEntry(entry.getName()));
                if (entry.getName().equals("word/document.xml")) {
                    content.to(out);
                } else {
                    in.transferTo(out);
                }
                out.closeEntry();
            }
        }
        return bytes.toByteArray();
    }
}
