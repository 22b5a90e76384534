package io.temponest.workers.knowledge;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.knowledge.MediaTypes;
import io.temponest.workers.knowledge.ExtractedText.Part;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.ZipInputStream;
import org.apache.pdfbox.pdmodel.PDDocument;
import org.apache.pdfbox.pdmodel.encryption.InvalidPasswordException;
import org.apache.pdfbox.text.PDFTextStripper;
import org.apache.tika.exception.TikaException;
import org.apache.tika.exception.WriteLimitReachedException;
import org.apache.tika.metadata.Metadata;
import org.apache.tika.parser.ParseContext;
import org.apache.tika.parser.Parser;
import org.apache.tika.parser.html.JSoupParser;
import org.apache.tika.parser.microsoft.ooxml.OOXMLParser;
import org.apache.tika.sax.BodyContentHandler;
import org.xml.sax.SAXException;

/** Gets the text out of files. Blocks its thread. Failures that the file causes are {@link io.temponest.error.ApiException}s. */
final class TextExtractor {

    private static final int MAX_CHARACTERS = 20_000_000;
    private static final long MAX_UNPACKED = 50 << 20;
    private static final long MAX_UNPACKED_PDF = 100 << 20;

    ExtractedText extract(String filename, String mediaType, byte[] content) {
        ExtractedText text = switch (mediaType) {
            case "application/pdf" -> pdf(filename, content);
            case "text/html" -> tika(new JSoupParser(), filename, content);
            case "application/vnd.openxmlformats-officedocument.wordprocessingml.document" ->
                tika(new OOXMLParser(), filename, unpackable(filename, content));
            default ->
                ExtractedText.of(
                        MediaTypes.text(content)
                                .orElseThrow(() -> unreadable(filename, "it is not text in UTF-8 or UTF-16")),
                        mediaType.equals("text/markdown"));
        };
        if (text.parts().stream().allMatch(part -> part.text().isBlank())) {
            throw ApiError.of(
                            ErrorType.UNPROCESSABLE_ERROR, "document_empty", "'%s' holds no text.".formatted(filename))
                    .exception();
        }
        return text;
    }

    private static ExtractedText pdf(String filename, byte[] content) {
        try {
            return pages(filename, new BoundedPdf(content, MAX_UNPACKED_PDF));
        } catch (IOException e) {
            throw unreadable(filename, "it is a damaged PDF");
        }
    }

    private static ExtractedText pages(String filename, BoundedPdf pdf) {
        List<Part> pages = new ArrayList<>();
        int page = 0;
        try (PDDocument document = pdf.parse()) {
            PDFTextStripper stripper = new PDFTextStripper();
            for (page = 1; page <= document.getNumberOfPages() && !pdf.exceeded(); page++) {
                stripper.setStartPage(page);
                stripper.setEndPage(page);
                pages.add(new Part(Optional.of(page), stripper.getText(document)));
            }
        } catch (InvalidPasswordException e) {
            throw unreadable(filename, "it is protected by a password");
        } catch (IOException | RuntimeException e) {
            if (!pdf.exceeded()) {
                throw unreadable(filename, page == 0 ? "it is a damaged PDF" : "it is damaged at page " + page);
            }
        }
        if (pdf.exceeded()) {
            throw unreadable(filename, "it is larger than 100 MiB when it is unpacked");
        }
        return new ExtractedText(pages, false);
    }

    /** The parser keeps all of a document's text in memory: what grows beyond measure must not get to it. */
    private static byte[] unpackable(String filename, byte[] content) {
        byte[] block = new byte[64 << 10];
        long unpacked = 0;
        try (ZipInputStream zip = new ZipInputStream(new ByteArrayInputStream(content))) {
            while (zip.getNextEntry() != null) {
                for (int read = zip.read(block); read >= 0; read = zip.read(block)) {
                    unpacked += read;
                    if (unpacked > MAX_UNPACKED) {
                        throw unreadable(filename, "it is larger than 50 MiB when it is unpacked");
                    }
                }
            }
        } catch (IOException | IllegalArgumentException e) {
            throw unreadable(filename, "it is damaged");
        }
        return content;
    }

    private static ExtractedText tika(Parser parser, String filename, byte[] content) {
        BodyContentHandler text = new BodyContentHandler(MAX_CHARACTERS);
        try {
            // An empty context: files that are embedded in the file are not opened.
            parser.parse(new ByteArrayInputStream(content), text, new Metadata(), new ParseContext());
        } catch (SAXException e) {
            throw unreadable(
                    filename,
                    WriteLimitReachedException.isWriteLimitReached(e)
                            ? "it holds more than " + MAX_CHARACTERS + " characters"
                            : "it is damaged");
        } catch (IOException | TikaException | RuntimeException e) {
            throw unreadable(filename, "it is damaged");
        }
        return ExtractedText.of(text.toString(), false);
    }

    private static RuntimeException unreadable(String filename, String reason) {
        return ApiError.of(
                        ErrorType.UNPROCESSABLE_ERROR,
                        "document_unreadable",
                        "'%s' cannot be read: %s.".formatted(filename, reason))
                .exception();
    }
}
