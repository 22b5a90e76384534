package io.temponest.cli;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.Socket;
import java.net.SocketException;
import java.net.SocketTimeoutException;
import java.net.URI;
import java.nio.charset.StandardCharsets;

/** A connection on which a request never gets to its end. */
record SlowClient(Socket socket) implements AutoCloseable {

    private static final int PACE_MS = 100;

    /** Half a minute of them. */
    private static final int MOST_BYTES = 300;

    /** Sends the beginning of a request. */
    static SlowClient begin(URI server, String beginning) throws IOException {
        Socket socket = new Socket(InetAddress.getLoopbackAddress(), server.getPort());
        socket.setSoTimeout(PACE_MS);
        socket.setTcpNoDelay(true);
        socket.getOutputStream().write(beginning.getBytes(StandardCharsets.ISO_8859_1));
        return new SlowClient(socket);
    }

    /** Sends a text again and again, a byte whenever nothing has come for a moment. @return all that came until the server ended it */
    String trickle(String text) {
        ByteArrayOutputStream came = new ByteArrayOutputStream();
        try (socket) {
            for (int sent = 0; sent < MOST_BYTES; sent++) {
                if (ended(came)) {
                    return came.toString(StandardCharsets.UTF_8);
                }
                socket.getOutputStream().write(text.charAt(sent % text.length()));
            }
        } catch (SocketException reset) {
            return came.toString(StandardCharsets.UTF_8);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        throw new AssertionError("the server still listens, and has said: " + came.toString(StandardCharsets.UTF_8));
    }

    private boolean ended(ByteArrayOutputStream into) throws IOException {
        byte[] block = new byte[8 << 10];
        try {
            for (int read = socket.getInputStream().read(block);
                    read >= 0;
                    read = socket.getInputStream().read(block)) {
                into.write(block, 0, read);
            }
            return true;
        } catch (SocketTimeoutException nothing) {
            return false;
        }
    }

    @Override
    public void close() throws IOException {
        socket.close();
    }
}
