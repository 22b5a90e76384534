package io.temponest.mail;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.error.ApiException;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Mail reaches a server or the disk, whole, and nothing in it becomes a header. */
class MailerTest {

    private static final Mail INVITATION = new Mail("ada@example.org", "Grüße", "Hello\n.\nBcc: eve@example.org");

    @TempDir
    private Path folder;

    private Vertx vertx;

    @BeforeEach
    void start() {
        vertx = Vertx.vertx();
    }

    @AfterEach
    void stop() {
        vertx.close().toCompletionStage().toCompletableFuture().join();
    }

    private Mailer mailer(Map<String, String> settings) {
        Environment environment = new Environment(settings);
        MailConfig config = MailConfig.read(environment);
        environment.check();
        return BoundedMailer.of(vertx, new SimpleMeterRegistry(), config);
    }

    private Mailer smtp(String url) {
        return mailer(Map.of("TEMPONEST_MAIL_URL", url, "TEMPONEST_MAIL_FROM", "nest@example.org"));
    }

    private Mailer toFolder() {
        return mailer(Map.of("TEMPONEST_DATA_DIR", folder.toString()));
    }

    private static <T> T get(Future<T> future) throws Exception {
        return future.toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
    }

    @Test
    void aServerGetsTheMailWithItsTextAndOneRecipient() throws Exception {
        try (SmtpFixture server = SmtpFixture.wanting("ada:s3cret+word")) {
            get(smtp(server.url("ada:s3cret+word")).send(INVITATION));

            assertThat(server.recipients()).containsExactly("RCPT TO:<ada@example.org>");
            assertThat(server.messages())
                    .singleElement()
                    .satisfies(message -> assertThat(message)
                            .contains("From: nest@example.org", "To: ada@example.org", "Subject: =?UTF-8?")
                            .contains("\n\nHello\n.\nBcc: eve@example.org"));
        }
    }

    @Test
    void aWrongPasswordFailsAndIsNotInTheMessage() {
        try (SmtpFixture server = SmtpFixture.wanting("ada:right-word")) {
            assertThatThrownBy(() -> get(smtp(server.url("ada:wrong-word")).send(INVITATION)))
                    .isInstanceOf(ExecutionException.class)
                    .satisfies(failure -> assertThat(failure.toString()).doesNotContain("wrong-word"));
            assertThat(server.messages()).isEmpty();
        }
    }

    @Test
    void aServerThatSaysNothingCostsNoMoreThanTheDeadline() {
        try (SmtpFixture server = SmtpFixture.mute()) {
            Mailer bounded = new BoundedMailer(
                    smtp(server.url("ada:word")), new SimpleMeterRegistry(), Duration.ofMillis(100), 1);

            assertThatThrownBy(() -> get(bounded.send(INVITATION))).hasCauseInstanceOf(TimeoutException.class);
            assertThatThrownBy(() -> get(bounded.send(INVITATION))).hasCauseInstanceOf(ApiException.class);
        }
    }

    @Test
    void thePlaceOfAMailToAServerThatSaysNothingIsFreeAgain() {
        try (SmtpFixture server = SmtpFixture.mute()) {
            SimpleMeterRegistry metrics = new SimpleMeterRegistry();
            Mailer silent = new SmtpMailer(
                    vertx, SmtpServer.parse(server.url("ada:word")), "nest@example.org", Duration.ofMillis(500));
            Mailer bounded = new BoundedMailer(silent, metrics, Duration.ofMillis(100), 1);

            assertThatThrownBy(() -> get(bounded.send(INVITATION))).hasCauseInstanceOf(TimeoutException.class);

            await().atMost(Duration.ofSeconds(20))
                    .until(() ->
                            metrics.get("temponest.mails.under.way").gauge().value() == 0);
            assertThatThrownBy(() -> get(bounded.send(INVITATION))).hasCauseInstanceOf(TimeoutException.class);
        }
    }

    @Test
    void moreMailsThanAreTakenAtOnceAreRefusedAndPlacesComeBack() throws Exception {
        Promise<Void> first = Promise.promise();
        SimpleMeterRegistry metrics = new SimpleMeterRegistry();
        Mailer bounded = new BoundedMailer(mail -> first.future(), metrics, Duration.ofSeconds(20), 1);

        Future<Void> taken = bounded.send(INVITATION);
        assertThatThrownBy(() -> get(bounded.send(INVITATION)))
                .hasCauseInstanceOf(ApiException.class)
                .hasMessageContaining("limit");
        first.complete();
        get(taken);
        get(bounded.send(INVITATION));

        assertThat(metrics.counter("temponest.mails", "outcome", "sent").count())
                .isEqualTo(2);
        assertThat(metrics.counter("temponest.mails", "outcome", "refused").count())
                .isEqualTo(1);
    }

    @Test
    void withoutAServerEachMailIsAFileThatOnlyItsOwnerReads() throws Exception {
        Mailer mailer = toFolder();

        get(mailer.send(INVITATION));
        get(mailer.send(new Mail("bob@example.org", "Plain", "x".repeat(2_000))));

        List<Path> files = files();
        assertThat(files).hasSize(2).allSatisfy(file -> {
            assertThat(file.getFileName().toString()).endsWith(".eml");
            assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
                    .isEqualTo("rw-------");
        });
        assertThat(files)
                .anySatisfy(file -> assertThat(Files.readString(file))
                        .contains("To: ada@example.org\r\nSubject: =?utf-8?B?R3LDvMOfZQ==?=\r\n")
                        .endsWith("\r\n\r\nHello\r\n.\r\nBcc: eve@example.org\r\n"));
        assertThat(files)
                .anySatisfy(file -> assertThat(Files.readAllLines(file))
                        .contains("Content-Transfer-Encoding: base64")
                        .allSatisfy(line -> assertThat(line).hasSizeLessThan(100)));
    }

    private List<Path> files() throws IOException {
        try (Stream<Path> files = Files.list(folder.resolve("mail"))) {
            return files.toList();
        }
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "ada@example.org\r\nBcc: eve@example.org",
                "ada@example.org\n",
                "ada@example.org, eve@example.org",
                "Ada <ada@example.org>",
                "ada",
                ""
            })
    void whatIsNotOneAddressIsNoRecipient(String to) {
        assertThatThrownBy(() -> new Mail(to, "Subject", "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("to must be an e-mail address");
    }

    @ParameterizedTest
    @ValueSource(strings = {"Hi\r\nBcc: eve@example.org", "Hi\n", "Hi\u0000", "Hi\u2028", " "})
    void aSubjectOfSeveralLinesIsRefused(String subject) {
        assertThatThrownBy(() -> new Mail("ada@example.org", subject, "text"))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageStartingWith("subject");
    }

    @Test
    void aUrlThatIsWrongIsNotRepeated() {
        assertThatThrownBy(() -> smtp("http://ada:s3cret@example.org"))
                .isInstanceOf(ConfigException.class)
                .hasMessageContaining("TEMPONEST_MAIL_URL")
                .hasMessageNotContaining("s3cret");
    }

    @Test
    void offThisMachineMailGoesOverTlsOnly() {
        assertThat(SmtpServer.parse("smtp://mail.example.org").loopback()).isFalse();
        assertThat(SmtpServer.parse("smtp://mail.example.org").port()).isEqualTo(587);
        assertThat(SmtpServer.parse("smtps://u:p@mail.example.org").port()).isEqualTo(465);
        assertThat(SmtpServer.parse("smtp://127.0.0.1:2525").loopback()).isTrue();
    }
}
