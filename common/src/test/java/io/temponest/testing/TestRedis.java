package io.temponest.testing;

import static org.awaitility.Awaitility.await;

import io.temponest.store.RedisUrl;
import java.io.File;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.time.Duration;
import redis.embedded.core.ExecutableProvider;

/** A real Redis of a test's own, on a port that stays the same, which can be killed, started again, and stopped for a while. */
public final class TestRedis implements AutoCloseable {

    private static final String LOOPBACK = "127.0.0.1";
    private static final File PROGRAM = program();

    private final int port;
    private Process process;

    private TestRedis(int port, Process process) {
        this.port = port;
        this.process = process;
    }

    private static File program() {
        try {
            return ExecutableProvider.newJarResourceProvider().get();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static TestRedis start() {
        int port = TestPorts.next();
        return new TestRedis(port, launch(port));
    }

    private static Process launch(int port) {
        try {
            Process process = new ProcessBuilder(
                            PROGRAM.getPath(),
                            "--port",
                            Integer.toString(port),
                            "--bind",
                            LOOPBACK,
                            "--save",
                            "",
                            "--appendonly",
                            "no")
                    .redirectErrorStream(true)
                    .redirectOutput(ProcessBuilder.Redirect.DISCARD)
                    .start();
            Runtime.getRuntime().addShutdownHook(new Thread(process::destroyForcibly, "stop-test-redis"));
            await().atMost(Duration.ofSeconds(10)).until(() -> listens(port));
            return process;
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    private static boolean listens(int port) {
        try (Socket socket = new Socket()) {
            socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), 200);
            return true;
        } catch (IOException e) {
            return false;
        }
    }

    public RedisUrl url() {
        return RedisUrl.parse(text());
    }

    /** Its URL as a setting. */
    public String text() {
        return "redis://%s:%d".formatted(LOOPBACK, port);
    }

    /** Ends it with SIGKILL; what it held is gone. */
    public void kill() {
        process.destroyForcibly();
        process.onExit().join();
    }

    /** Starts it on the same port, empty. */
    public void restart() {
        process = launch(port);
    }

    /** Lets it hang: it takes connections and answers nothing. */
    public void freeze() {
        signal("STOP");
    }

    public void thaw() {
        signal("CONT");
    }

    private void signal(String name) {
        try {
            new ProcessBuilder("kill", "-" + name, Long.toString(process.pid()))
                    .start()
                    .onExit()
                    .join();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    @Override
    public void close() {
        kill();
    }
}
