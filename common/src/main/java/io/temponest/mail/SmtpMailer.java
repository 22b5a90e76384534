package io.temponest.mail;

import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.time.Duration;
import java.util.concurrent.TimeUnit;

/** Hands mails to an SMTP server. Off this machine it does so over TLS or not at all. */
final class SmtpMailer implements Mailer {

    private static final int CONNECTIONS = 4;
    private static final int CONNECT_MS = 5_000;
    private static final int KEEP_S = 15;

    /** A server that says nothing for so long is given up, and its place is another mail's. */
    static final Duration SILENCE = Duration.ofSeconds(20);

    private final MailClient client;
    private final String from;

    SmtpMailer(Vertx vertx, SmtpServer server, String from, Duration silence) {
        this.client = MailClient.create(vertx, options(server, silence));
        this.from = from;
    }

    private static io.vertx.ext.mail.MailConfig options(SmtpServer server, Duration silence) {
        io.vertx.ext.mail.MailConfig options = new io.vertx.ext.mail.MailConfig(server.host(), server.port())
                .setSsl(server.tls())
                .setStarttls(server.tls() || server.loopback() ? StartTLSOptions.DISABLED : StartTLSOptions.REQUIRED)
                .setLogin(LoginOption.NONE)
                .setMaxPoolSize(CONNECTIONS)
                .setKeepAliveTimeout(KEEP_S)
                .setUserAgent("temponest");
        options.setConnectTimeout(CONNECT_MS)
                .setIdleTimeout((int) silence.toMillis())
                .setIdleTimeoutUnit(TimeUnit.MILLISECONDS)
                .setHostnameVerificationAlgorithm("HTTPS");
        server.login()
                .ifPresent(login -> options.setLogin(LoginOption.REQUIRED)
                        .setUsername(login.user())
                        .setPassword(login.password().reveal()));
        return options;
    }

    @Override
    public Future<Void> send(Mail mail) {
        return client.sendMail(new MailMessage()
                        .setFrom(from)
                        .setTo(mail.to())
                        .setSubject(mail.subject())
                        .setText(mail.text()))
                .mapEmpty();
    }
}
