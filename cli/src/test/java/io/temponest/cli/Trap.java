package io.temponest.cli;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;

/** A port of loopback that nothing has a reason to connect to. */
record Trap(ServerSocketChannel channel) implements AutoCloseable {

    private static final int MOST = 100;

    static Trap set() {
        try {
            ServerSocketChannel channel = ServerSocketChannel.open();
            channel.bind(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), MOST)
                    .configureBlocking(false);
            return new Trap(channel);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** {@code host:port} */
    String address() {
        return "127.0.0.1:" + channel.socket().getLocalPort();
    }

    /** How many have connected since the last look: the system has them, whether or not anybody answers. */
    int caught() {
        try {
            int caught = 0;
            for (SocketChannel one = channel.accept(); one != null; one = channel.accept()) {
                one.close();
                caught++;
            }
            return caught;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        try {
            channel.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
