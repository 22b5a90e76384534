package io.temponest.knowledge;

import static java.nio.charset.StandardCharsets.US_ASCII;
import static java.nio.charset.StandardCharsets.UTF_16LE;
import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.knowledge.MediaTypes.Detected;
import io.temponest.knowledge.MediaTypes.Detected.Accepted;
import io.temponest.knowledge.MediaTypes.Detected.Refused;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.zip.ZipEntry;
import java.util.zip.ZipOutputStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class MediaTypesTest {

    private static final byte[] PROGRAM = {'M', 'Z', (byte) 0x90, 0, 3, 0, 0, 0};

    @ParameterizedTest
    @CsvSource({
        "a.txt,text/plain",
        "README,text/plain",
        "a.MD,text/markdown",
        "a.html,text/html",
        "a.csv,text/csv",
        "a.tsv,text/tab-separated-values",
        "a.json,application/json",
        "A.java,text/x-code",
        "app.yaml,text/x-code",
        "Dockerfile,text/x-code",
    })
    void textIsReadableByItsName(String filename, String expected) {
        assertThat(MediaTypes.detect(filename, "some text".getBytes(UTF_8))).isEqualTo(new Accepted(expected));
    }

    @Test
    void aProgramIsRefusedWithItsTypeAndWhatIsReadable() {
        assertThat(refused("report.exe", PROGRAM).reason())
                .startsWith(
                        "'report.exe' is of a type that cannot be read (application/x-dosexec); readable: csv, docx,");
    }

    @Test
    void aProgramUnderTheNameOfATextIsRefused() {
        assertThat(refused("report.txt", PROGRAM))
                .isEqualTo(new Refused(
                        "file_content_mismatch",
                        "'report.txt' does not hold what its name says: it is application/x-dosexec."));
    }

    @Test
    void anEmptyFileIsRefused() {
        assertThat(refused("notes.md", new byte[0]))
                .isEqualTo(new Refused("file_empty", "'notes.md' is an empty file."));
    }

    @Test
    void aTextThatIsNotUtf8IsRefusedWithThePlace() {
        byte[] latin1 = {'c', 'a', 'f', (byte) 0xE9, '.'};

        assertThat(refused("menu.txt", latin1).reason())
                .isEqualTo("'menu.txt' is not text: byte 3 is not valid UTF-8.");
    }

    @Test
    void aTextWithNulIsRefused() {
        assertThat(refused("data.csv", "a,b\0c".getBytes(UTF_8)).reason()).contains("NUL");
    }

    @Test
    void utf16IsReadByItsByteOrderMark() {
        byte[] text = "Grüße".getBytes(UTF_16LE);
        byte[] content = ByteBuffer.allocate(text.length + 2)
                .put((byte) 0xFF)
                .put((byte) 0xFE)
                .put(text)
                .array();

        assertThat(MediaTypes.detect("a.txt", content)).isEqualTo(new Accepted(MediaTypes.PLAIN));
        assertThat(MediaTypes.text(content)).contains("Grüße");
    }

    @Test
    void theUtf8ByteOrderMarkIsNoPartOfTheText() {
        assertThat(MediaTypes.text("\uFEFFhello".getBytes(UTF_8))).contains("hello");
    }

    @Test
    void aPdfIsKnownByItsFirstBytesWhateverItsName() {
        byte[] pdf = "%PDF-1.7 ...".getBytes(US_ASCII);

        assertThat(MediaTypes.detect("a.pdf", pdf)).isEqualTo(new Accepted(MediaTypes.PDF));
        assertThat(MediaTypes.detect("scan", pdf)).isEqualTo(new Accepted(MediaTypes.PDF));
        assertThat(refused("a.pdf", "plain".getBytes(UTF_8)).code()).isEqualTo("file_content_mismatch");
    }

    @Test
    void anArchiveIsADocumentOnlyWithWordsMainMember() throws IOException {
        assertThat(MediaTypes.detect("a.docx", zip("word/document.xml"))).isEqualTo(new Accepted(MediaTypes.DOCX));
        assertThat(refused("a.docx", zip("else.xml")).reason()).contains("it is no application/vnd.openxmlformats");
        assertThat(refused("a.zip", zip("else.xml")).reason()).contains("(application/zip)");
    }

    @Test
    void aNameWithAControlCharacterIsRefused() {
        assertThat(refused("a\0.txt", "x".getBytes(UTF_8)).code()).isEqualTo("file_name_invalid");
    }

    @Property
    void anyBytesUnderAnyNameGetAnAnswer(@ForAll String filename, @ForAll byte[] content) {
        Detected detected = MediaTypes.detect(filename, content);

        switch (detected) {
            case Accepted accepted -> assertThat(accepted.mediaType()).contains("/");
            case Refused refused -> assertThat(refused.reason()).isNotBlank();
        }
    }

    private static Refused refused(String filename, byte[] content) {
        return (Refused) MediaTypes.detect(filename, content);
    }

    private static byte[] zip(String member) throws IOException {
        ByteArrayOutputStream bytes = new ByteArrayOutputStream();
        try (ZipOutputStream zip = new ZipOutputStream(bytes)) {
            zip.putNextEntry(new ZipEntry(member));
            zip.write("x".getBytes(UTF_8));
            zip.closeEntry();
        }
        return bytes.toByteArray();
    }
}
