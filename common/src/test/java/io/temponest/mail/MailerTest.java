package io.temponest.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.icegreen.greenmail.util.GreenMail;
import com.icegreen.greenmail.util.ServerSetup;
import io.temponest.config.Environment;
import io.temponest.error.ApiException;
import io.vertx.core.Vertx;
import jakarta.mail.internet.MimeMessage;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Properties;
import java.util.concurrent.CompletionException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mail to files and to a real server. */
class MailerTest {

    private static final String SUBJECT = "Einladung für Märta";
    private static final String TEXT = "Line one: å\nLine two.";

    @TempDir
    private Path folder;

    private final Vertx vertx = Vertx.vertx();

    @AfterEach
    void close() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Mailer mailer(Map<String, String> settings) {
        Map<String, String> all = new HashMap<>(settings);
        all.put("TEMPONEST_DATA_DIR", folder.toString());
        Environment environment = new Environment(all);
        MailConfig config = MailConfig.read(environment);
        environment.check();
        return Mailer.of(vertx, config);
    }

    private static void send(Mailer mailer, String to) {
        mailer.send(new Mail(to, SUBJECT, TEXT))
                .toCompletionStage()
                .toCompletableFuture()
                .join();
    }

    @Test
    void withoutAServerAMessageIsAFileThatMailProgramsRead() throws Exception {
        send(mailer(Map.of()), "marta@skerry.example");

        try (Stream<Path> files = Files.list(folder.resolve("mail"))) {
            List<Path> all = files.toList();
            assertThat(all).hasSize(1);
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(all.getFirst())))
                    .isEqualTo("rw-------");
            MimeMessage message = new MimeMessage(
                    jakarta.mail.Session.getInstance(new Properties()), Files.newInputStream(all.getFirst()));
            check(message);
        }
    }

    @Test
    void aServerGetsTheMessageFromWhoeverSignsIn() throws Exception {
        GreenMail server = new GreenMail(new ServerSetup(0, "127.0.0.1", ServerSetup.PROTOCOL_SMTP));
        server.setUser("marta@skerry.example", "tempo", "nest 1+1");
        server.start();
        try {
            Mailer mailer = mailer(Map.of(
                    "TEMPONEST_MAIL_URL",
                    "smtp://tempo:nest%201+1@127.0.0.1:" + server.getSmtp().getPort(),
                    "TEMPONEST_MAIL_FROM",
                    "nest@skerry.example"));
            send(mailer, "marta@skerry.example");

            assertThat(server.getReceivedMessages()).hasSize(1);
            check(server.getReceivedMessages()[0]);
            assertThat(server.getReceivedMessages()[0].getFrom()[0]).hasToString("nest@skerry.example");
        } finally {
            server.stop();
        }
    }

    private static void check(MimeMessage message) throws Exception {
        assertThat(message.getSubject()).isEqualTo(SUBJECT);
        assertThat(message.getAllRecipients()[0]).hasToString("marta@skerry.example");
        assertThat(message.getContent().toString().replace("\r", "").strip()).isEqualTo(TEXT);
    }

    @Test
    void aServerThatIsNotThereIsATypedFailureWithoutItsPassword() {
        Mailer mailer = mailer(Map.of("TEMPONEST_MAIL_URL", "smtp://tempo:s3cret@127.0.0.1:1"));

        assertThatThrownBy(() -> send(mailer, "marta@skerry.example"))
                .isInstanceOf(CompletionException.class)
                .cause()
                .isInstanceOfSatisfying(
                        ApiException.class,
                        failure -> assertThat(failure.error().code()).isEqualTo("mail_not_sent"))
                .message()
                .doesNotContain("s3cret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"a@b\r\nBcc: c@d", "a b@c", "nobody", "<a@b>", "a@b,c@d", ""})
    void whatIsNoAddressCannotBeSentTo(String to) {
        assertThatThrownBy(() -> new Mail(to, "x", "y")).hasMessage("to must be an e-mail address");
    }

    @Test
    void aSubjectCannotEndItsHeader() {
        assertThatThrownBy(() -> new Mail("a@b", "x\r\nBcc: c@d", "y")).hasMessageContaining("one line");
    }

    @ParameterizedTest
    @ValueSource(strings = {"http://host", "smtp:host", "smtp://user@host", "smtp://us er:s3cret@host"})
    void anUrlThatCannotBeUsedIsNamedWithoutItsSecrets(String url) {
        assertThatThrownBy(() -> mailer(Map.of("TEMPONEST_MAIL_URL", url)))
                .hasMessageContaining("TEMPONEST_MAIL_URL")
                .hasMessageNotContaining("s3cret");
    }
}
