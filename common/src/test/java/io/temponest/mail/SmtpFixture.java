package io.temponest.mail;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;

/** A server that speaks as much SMTP (RFC 5321, AUTH PLAIN of RFC 4954) as a client needs to hand over mail. */
final class SmtpFixture implements AutoCloseable {

    private final ServerSocket listening;
    private final String login;
    private final boolean mute;
    private final List<String> messages = new CopyOnWriteArrayList<>();
    private final List<String> recipients = new CopyOnWriteArrayList<>();

    private SmtpFixture(String login, boolean mute) {
        try {
            this.listening = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
        this.login = login;
        this.mute = mute;
        Thread.ofVirtual().start(this::accept);
    }

    /** @param login {@code user:password} that it wants */
    static SmtpFixture wanting(String login) {
        return new SmtpFixture(login, false);
    }

    /** One that takes connections and never says a word. */
    static SmtpFixture mute() {
        return new SmtpFixture("", true);
    }

    String url(String credentials) {
        return "smtp://%s@127.0.0.1:%d".formatted(credentials, listening.getLocalPort());
    }

    List<String> messages() {
        return List.copyOf(messages);
    }

    List<String> recipients() {
        return List.copyOf(recipients);
    }

    private void accept() {
        while (!listening.isClosed()) {
            try {
                Socket socket = listening.accept();
                Thread.ofVirtual().start(() -> serve(socket));
            } catch (IOException closed) {
                return;
            }
        }
    }

    private void serve(Socket socket) {
        try (socket;
                BufferedReader in =
                        new BufferedReader(new InputStreamReader(socket.getInputStream(), StandardCharsets.UTF_8))) {
            OutputStream out = socket.getOutputStream();
            if (!mute) {
                say(out, "220 fixture ready");
            }
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                if (line.equals("DATA")) {
                    say(out, "354 go on");
                    messages.add(message(in));
                    say(out, "250 taken");
                } else {
                    say(out, answer(line));
                }
            }
        } catch (IOException gone) {
            // The client is done.
        }
    }

    private String answer(String line) {
        String verb = line.split("[ :]", 2)[0];
        return switch (verb) {
            case "EHLO" -> "250-fixture\r\n250-AUTH PLAIN\r\n250 8BITMIME";
            case "AUTH" -> authenticated(line) ? "235 welcome" : "535 no";
            case "MAIL", "RSET", "NOOP" -> "250 ok";
            case "RCPT" -> {
                recipients.add(line);
                yield "250 ok";
            }
            case "QUIT" -> "221 bye";
            default -> "500 unknown";
        };
    }

    private boolean authenticated(String line) {
        String given =
                new String(Base64.getDecoder().decode(line.substring("AUTH PLAIN ".length())), StandardCharsets.UTF_8);
        return given.equals("\0" + login.replace(':', '\0'));
    }

    private static String message(BufferedReader in) throws IOException {
        StringBuilder text = new StringBuilder();
        for (String line = in.readLine(); line != null && !line.equals("."); line = in.readLine()) {
            text.append(line.startsWith(".") ? line.substring(1) : line).append('\n');
        }
        return text.toString();
    }

    private static void say(OutputStream out, String words) throws IOException {
        out.write((words + "\r\n").getBytes(StandardCharsets.US_ASCII));
        out.flush();
    }

    @Override
    public void close() {
        try {
            listening.close();
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }
}
