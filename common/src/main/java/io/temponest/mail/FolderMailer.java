package io.temponest.mail;

import io.temponest.config.DurableFile;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.ZoneOffset;
import java.time.ZonedDateTime;
import java.time.format.DateTimeFormatter;
import java.util.Base64;
import java.util.UUID;

/** Writes each message to a file of its own (RFC 5322), which mail programs open, readable by its owner alone. */
final class FolderMailer implements Mailer {

    private static final DateTimeFormatter NAME = DateTimeFormatter.ofPattern("uuuuMMdd-HHmmss-SSS");

    private final Vertx vertx;
    private final String from;
    private final Path folder;

    FolderMailer(Vertx vertx, String from, Path folder) {
        this.vertx = vertx;
        this.from = from;
        this.folder = folder;
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
        Files.createDirectories(
                folder, PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        ZonedDateTime now = ZonedDateTime.now(ZoneOffset.UTC);
        UUID id = UUID.randomUUID();
        String head = "From: %s\r\nTo: %s\r\nSubject: %s\r\nDate: %s\r\nMessage-ID: <%s@temponest>\r\n"
                .formatted(from, mail.to(), word(mail.subject()), DateTimeFormatter.RFC_1123_DATE_TIME.format(now), id);
        String kind =
                "MIME-Version: 1.0\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 8bit\r\n\r\n";
        String text = mail.text().replace("\r\n", "\n").replace("\n", "\r\n");
        DurableFile.write(
                folder.resolve(NAME.format(now) + "-" + id + ".eml"),
                (head + kind + text + "\r\n").getBytes(StandardCharsets.UTF_8));
    }

    /** An encoded word (RFC 2047) where the text is not ASCII. */
    private static String word(String text) {
        return StandardCharsets.US_ASCII.newEncoder().canEncode(text)
                ? text
                : "=?utf-8?B?%s?=".formatted(Base64.getEncoder().encodeToString(text.getBytes(StandardCharsets.UTF_8)));
    }

    @Override
    public Future<Void> close() {
        return Future.succeededFuture();
    }
}
