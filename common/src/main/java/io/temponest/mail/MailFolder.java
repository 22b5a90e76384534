package io.temponest.mail;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.nio.file.attribute.FileAttribute;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.InstantSource;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.Set;

/** Keeps mails as files (RFC 5322) that only their owner may read; each appears whole or not at all. */
final class MailFolder implements Mailer {

    private static final String END = "\r\n";

    /** RFC 5322, 2.1.1: a line may have so many bytes. */
    private static final int LONGEST_LINE = 998;

    private final Vertx vertx;
    private final Path folder;
    private final String from;
    private final Ids ids;
    private final InstantSource clock;

    MailFolder(Vertx vertx, MailConfig config, Ids ids, InstantSource clock) {
        this.vertx = vertx;
        this.folder = config.folder();
        this.from = config.from();
        this.ids = ids;
        this.clock = clock;
    }

    @Override
    public Future<Void> send(Mail mail) {
        return vertx.executeBlocking(
                () -> {
                    write(mail);
                    return null;
                },
                false);
    }

    private void write(Mail mail) throws IOException {
        Files.createDirectories(folder, mode("rwx------"));
        String id = ids.next(Kind.REQUEST).uuid().toString();
        Path draft = folder.resolve("." + id);
        try {
            Set<StandardOpenOption> fresh = Set.of(StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
            try (FileChannel file = FileChannel.open(draft, fresh, mode("rw-------"))) {
                ByteBuffer bytes = ByteBuffer.wrap(message(mail, id));
                while (bytes.hasRemaining()) {
                    file.write(bytes);
                }
                file.force(true);
            }
            Files.move(draft, folder.resolve(id + ".eml"), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(draft);
        }
    }

    private static FileAttribute<?> mode(String permissions) {
        return PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString(permissions));
    }

    private byte[] message(Mail mail, String id) {
        String body = mail.text().replace("\r\n", "\n").replace('\r', '\n').replace("\n", END);
        boolean plain = body.lines().allMatch(line -> line.getBytes(StandardCharsets.UTF_8).length <= LONGEST_LINE);
        String text = String.join(
                END,
                "From: " + from,
                "To: " + mail.to(),
                "Subject: " + word(mail.subject()),
                "Date: "
                        + DateTimeFormatter.RFC_1123_DATE_TIME.format(
                                clock.instant().atOffset(ZoneOffset.UTC)),
                "Message-ID: <" + id + "@temponest>",
                "MIME-Version: 1.0",
                "Content-Type: text/plain; charset=utf-8",
                "Content-Transfer-Encoding: " + (plain ? "8bit" : "base64"),
                "",
                plain ? body : Base64.getMimeEncoder().encodeToString(body.getBytes(StandardCharsets.UTF_8)),
                "");
        return text.getBytes(StandardCharsets.UTF_8);
    }

    /** RFC 2047: words of at most 45 bytes each, folded, where the text is not ASCII. */
    private static String word(String text) {
        if (text.chars().allMatch(c -> c < 0x7f)) {
            return text;
        }
        StringBuilder words = new StringBuilder();
        StringBuilder next = new StringBuilder();
        text.codePoints().forEach(point -> {
            if ((next + Character.toString(point)).getBytes(StandardCharsets.UTF_8).length > 45) {
                words.append(encoded(next.toString())).append(END).append(' ');
                next.setLength(0);
            }
            next.appendCodePoint(point);
        });
        return words.append(encoded(next.toString())).toString();
    }

    private static String encoded(String text) {
        return "=?utf-8?B?" + Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)) + "?=";
    }
}
