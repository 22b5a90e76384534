package io.temponest.testing;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.stream.Stream;

/**
 * Ports for programs that must be told theirs. No other JVM of tests is given the same ones, and they lie below those that
 * systems hand out by themselves, to listeners on port 0 and to outgoing connections.
 */
public final class TestPorts {

    private static final int FIRST = 12_000;
    private static final int BLOCKS = 160;
    private static final int PORTS_OF_A_BLOCK = 100;
    private static final Block BLOCK = claim();

    private static int given;

    private TestPorts() {}

    /** @param lock held, with its channel, for as long as this JVM lives */
    private record Block(int first, FileLock lock) {}

    private static Block claim() {
        // A user's own: nobody else's file can be opened.
        Path claims = Path.of(
                System.getProperty("java.io.tmpdir"), "temponest-test-ports-" + System.getProperty("user.name"));
        try {
            FileChannel channel = FileChannel.open(claims, StandardOpenOption.CREATE, StandardOpenOption.WRITE);
            for (int block = 0; block < BLOCKS; block++) {
                FileLock lock = channel.tryLock(block, 1, false);
                if (lock != null) {
                    return new Block(FIRST + block * PORTS_OF_A_BLOCK, lock);
                }
            }
            throw new IllegalStateException("all ports are claimed in " + claims);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** One that nobody listens on, and that is not given again before a hundred others were. */
    public static synchronized int next() {
        for (int tried = 0; tried < PORTS_OF_A_BLOCK; tried++) {
            int port = BLOCK.first() + given++ % PORTS_OF_A_BLOCK;
            if (isFree(port)) {
                return port;
            }
        }
        throw new IllegalStateException("no port is free from " + BLOCK.first() + " on");
    }

    public static List<Integer> next(int count) {
        return Stream.generate(TestPorts::next).limit(count).toList();
    }

    private static boolean isFree(int port) {
        try (ServerSocket socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
            return socket.isBound();
        } catch (IOException e) {
            return false;
        }
    }
}
