package io.temponest.workers.knowledge;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.apache.pdfbox.Loader;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.PDPage;
import org.apache.pdfbox.pdmodel.PDPageContentStream;
import org.apache.pdfbox.pdmodel.encryption.AccessPermission;
import org.apache.pdfbox.pdmodel.encryption.StandardProtectionPolicy;
import org.apache.pdfbox.pdmodel.font.PDType1Font;
import org.apache.pdfbox.pdmodel.font.Standard14Fonts.FontName;
import org.apache.poi.xwpf.usermodel.XWPFDocument;
import org.junit.jupiter.api.Test;

class TextExtractorTest {

    private static final String DOCX = "application/vnd.openxmlformats-officedocument.wordprocessingml.document";

    private final TextExtractor extractor = new TextExtractor();

    @Test
    void aPdfIsReadPageByPage() throws IOException {
        ExtractedText text = extractor.extract("a.pdf", "application/pdf", pdf("The first page.", "The second page."));

        assertThat(text.parts())
                .extracting(part -> part.text().strip())
                .containsExactly("The first page.", "The second page.");
        assertThat(text.parts().get(1).page()).isEqualTo(Optional.of(2));
    }

    /** Its streams cannot be measured before they are decrypted. */
    @Test
    void aPdfThatIsProtectedAgainstChangesAloneIsRead() throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (PDDocument document = Loader.loadPDF(pdf("The first page.", "The second page."))) {
            document.protect(new StandardProtectionPolicy("owner", "", new AccessPermission()));
            document.save(bytes);
        }

        assertThat(extractor
                        .extract("a.pdf", "application/pdf", bytes.toByteArray())
                        .parts())
                .extracting(part -> part.text().strip())
                .containsExactly("The first page.", "The second page.");
    }

    @Test
    void aWordDocumentAndAWebPageAreReadWithoutTheirMarkup() throws IOException {
        byte[] page =
                "<html><head><style>p{}</style></head><body><p>The cat sleeps.</p><script>x()</script></body></html>"
                        .getBytes(StandardCharsets.UTF_8);

        assertThat(all(extractor.extract("a.docx", DOCX, docx("The boat is late."))))
                .isEqualTo("The boat is late.");
        assertThat(all(extractor.extract("a.html", "text/html", page))).isEqualTo("The cat sleeps.");
    }

    @Test
    void aFileThatIsDamagedOrEmptySaysSoByName() throws IOException {
        byte[] half = pdf("The first page.");
        byte[] cut = java.util.Arrays.copyOf(half, 40);

        assertThatThrownBy(() -> extractor.extract("cut.pdf", "application/pdf", cut))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("cut.pdf");
        assertThatThrownBy(() -> extractor.extract("cut.docx", DOCX, java.util.Arrays.copyOf(docx("x"), 100)))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("cut.docx");
        assertThatThrownBy(() -> extractor.extract("empty.pdf", "application/pdf", pdf("")))
                .isInstanceOf(ApiException.class)
                .hasMessageContaining("holds no text");
    }

    private static String all(ExtractedText text) {
        return String.join(
                        "", text.parts().stream().map(ExtractedText.Part::text).toList())
                .strip();
    }

    private static byte[] pdf(String... pages) throws IOException {
        try (PDDocument document = new PDDocument()) {
            for (String text : pages) {
                PDPage page = new PDPage();
                document.addPage(page);
                try (PDPageContentStream content = new PDPageContentStream(document, page)) {
                    content.beginText();
                    content.setFont(new PDType1Font(FontName.HELVETICA), 12);
                    content.newLineAtOffset(50, 700);
                    content.showText(text);
                    content.endText();
                }
            }
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.save(bytes);
            return bytes.toByteArray();
        }
    }

    private static byte[] docx(String text) throws IOException {
        try (XWPFDocument document = new XWPFDocument()) {
            document.createParagraph().createRun().setText(text);
            ByteArrayOutputStream bytes = new ByteArrayOutputStream();
            document.write(bytes);
            return bytes.toByteArray();
        }
    }
}
