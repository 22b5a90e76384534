package io.temponest.cli;

import java.io.BufferedInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.concurrent.locks.LockSupport;

/**
 * Asks {@code GET /health/live} at a steady rate over one connection. A latency counts from the moment that the request was due, so
 * that one late answer does not hide those that it holds up.
 */
final class LiveProbe {

    private static final Duration PERIOD = Duration.ofMillis(10);
    private static final byte[] REQUEST =
            "GET /health/live HTTP/1.1\r\nhost: 127.0.0.1\r\n\r\n".getBytes(StandardCharsets.US_ASCII);

    private LiveProbe() {}

    /** @param nanos of each request, in ascending order */
    @SuppressWarnings("ArrayRecordComponent") // made and read here alone
    record Latencies(long[] nanos) {

        /** In milliseconds. */
        double percentile(double share) {
            int rank = (int) Math.ceil(share * nanos.length);
            return nanos[Math.clamp(rank - 1, 0, nanos.length - 1)] / 1e6;
        }

        @Override
        public String toString() {
            return String.format(
                    Locale.ROOT,
                    "p50 %.2f ms, p99 %.2f ms, max %.2f ms of %d requests",
                    percentile(0.5),
                    percentile(0.99),
                    percentile(1),
                    nanos.length);
        }
    }

    static Latencies during(URI url, Duration time) throws IOException {
        int count = (int) (time.toNanos() / PERIOD.toNanos());
        long[] nanos = new long[count];
        try (Socket socket = new Socket(url.getHost(), url.getPort())) {
            socket.setTcpNoDelay(true);
            OutputStream out = socket.getOutputStream();
            InputStream in = new BufferedInputStream(socket.getInputStream());
            long began = System.nanoTime();
            for (int i = 0; i < count; i++) {
                long due = began + i * PERIOD.toNanos();
                for (long left = due - System.nanoTime(); left > 0; left = due - System.nanoTime()) {
                    LockSupport.parkNanos(left);
                }
                out.write(REQUEST);
                readOk(in);
                nanos[i] = System.nanoTime() - due;
            }
        }
        Arrays.sort(nanos);
        return new Latencies(nanos);
    }

    private static void readOk(InputStream in) throws IOException {
        String status = line(in);
        if (!status.startsWith("HTTP/1.1 200")) {
            throw new IOException("answered with " + status);
        }
        int length = 0;
        for (String header = line(in); !header.isEmpty(); header = line(in)) {
            if (header.toLowerCase(Locale.ROOT).startsWith("content-length:")) {
                length = Integer.parseInt(
                        header.substring(header.indexOf(':') + 1).strip());
            }
        }
        in.readNBytes(length);
    }

    private static String line(InputStream in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (int c = in.read(); c != '\n'; c = in.read()) {
            if (c < 0) {
                throw new IOException("the connection was closed");
            }
            if (c != '\r') {
                text.append((char) c);
            }
        }
        return text.toString();
    }
}
