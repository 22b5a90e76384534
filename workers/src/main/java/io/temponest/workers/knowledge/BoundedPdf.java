package io.temponest.workers.knowledge;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.apache.pdfbox.cos.COSArray;
import org.apache.pdfbox.cos.COSBase;
import org.apache.pdfbox.cos.COSDictionary;
import org.apache.pdfbox.cos.COSDocument;
import org.apache.pdfbox.cos.COSInputStream;
import org.apache.pdfbox.cos.COSName;
import org.apache.pdfbox.cos.COSStream;
import org.apache.pdfbox.filter.DecodeOptions;
import org.apache.pdfbox.filter.FilterFactory;
import org.apache.pdfbox.io.IOUtils;
import org.apache.pdfbox.io.RandomAccessRead;
import org.apache.pdfbox.io.RandomAccessReadBuffer;
import org.apache.pdfbox.io.RandomAccessReadView;
import org.apache.pdfbox.pdfparser.PDFParser;

/**
 * Reads a PDF whose streams, each as often as it is opened, unpack to no more than so many bytes in all. PDFBox unpacks a stream
 * into memory, where a few kilobytes can become gigabytes; here it is measured first, in pieces.
 */
final class BoundedPdf extends PDFParser {

    /** How texts are packed. Other ways are those of pictures, which nothing here looks at. */
    private static final Set<COSName> OF_TEXTS = Set.of(
            COSName.FLATE_DECODE,
            COSName.FLATE_DECODE_ABBREVIATION,
            COSName.LZW_DECODE,
            COSName.LZW_DECODE_ABBREVIATION,
            COSName.RUN_LENGTH_DECODE,
            COSName.RUN_LENGTH_DECODE_ABBREVIATION,
            COSName.ASCII85_DECODE,
            COSName.ASCII85_DECODE_ABBREVIATION,
            COSName.ASCII_HEX_DECODE,
            COSName.ASCII_HEX_DECODE_ABBREVIATION,
            COSName.CRYPT);

    private final long most;
    private long unpacked;

    BoundedPdf(byte[] content, long most) throws IOException {
        super(new RandomAccessReadBuffer(content));
        this.most = most;
        this.document = new Document();
    }

    /** Whether there was more than there may be; then what was read is not all there is. */
    boolean exceeded() {
        return unpacked > most;
    }

    private final class Document extends COSDocument {

        Document() {
            super(IOUtils.createMemoryOnlyStreamCache(), BoundedPdf.this);
        }

        @Override
        public COSStream createCOSStream(COSDictionary dictionary, long start, long length) throws IOException {
            COSStream stream = new Measured(createRandomAccessReadView(start, length));
            dictionary.forEach(stream::setItem);
            return stream;
        }
    }

    /** All ways to what a stream holds lead through these three. */
    private final class Measured extends COSStream {

        Measured(RandomAccessReadView view) throws IOException {
            super(IOUtils.createMemoryOnlyStreamCache().create(), view);
        }

        @Override
        public InputStream createRawInputStream() throws IOException {
            measure(this, super.createRawInputStream());
            return super.createRawInputStream();
        }

        @Override
        public COSInputStream createInputStream(DecodeOptions options) throws IOException {
            requireText(this);
            return super.createInputStream(options);
        }

        @Override
        public RandomAccessRead createView() throws IOException {
            requireText(this);
            if (filters(getFilters()).isEmpty()) {
                count(getLength());
            }
            return super.createView();
        }
    }

    private static void requireText(COSStream stream) throws IOException {
        if (!OF_TEXTS.containsAll(filters(stream.getFilters()))) {
            throw new IOException("not a stream of text");
        }
    }

    private void count(long bytes) throws IOException {
        unpacked += bytes;
        if (exceeded()) {
            throw new IOException("unpacks to more than " + most + " bytes");
        }
    }

    private void measure(COSStream stream, InputStream raw) throws IOException {
        List<COSName> filters = filters(stream.getFilters());
        if (!OF_TEXTS.containsAll(filters)) {
            return;
        }
        count(stream.getLength());
        InputStream packed = raw;
        for (int i = 0; i < filters.size(); i++) {
            Piece piece = new Piece(i + 1 < filters.size());
            try (InputStream in = packed) {
                FilterFactory.INSTANCE.getFilter(filters.get(i)).decode(in, piece, stream, i);
            } catch (IOException broken) {
                if (exceeded()) {
                    throw broken;
                }
                // Encrypted, or damaged: whoever reads it will find out.
                return;
            }
            packed = new ByteArrayInputStream(piece.kept.toByteArray());
        }
    }

    private static List<COSName> filters(@org.jspecify.annotations.Nullable COSBase given) {
        if (given instanceof COSArray several) {
            return several.toList().stream()
                    .map(filter -> filter instanceof COSName name ? name : COSName.getPDFName("none"))
                    .toList();
        }
        return Optional.ofNullable(given).filter(COSName.class::isInstance).map(COSName.class::cast).stream()
                .toList();
    }

    /** What a stream unpacks to; kept only where it is packed another time. */
    private final class Piece extends OutputStream {

        private final boolean keep;
        private final ByteArrayOutputStream kept = new ByteArrayOutputStream();

        Piece(boolean keep) {
            this.keep = keep;
        }

        @Override
        public void write(int one) throws IOException {
            write(new byte[] {(byte) one}, 0, 1);
        }

        @Override
        public void write(byte[] bytes, int from, int length) throws IOException {
            count(length);
            if (keep) {
                kept.write(bytes, from, length);
            }
        }
    }
}
