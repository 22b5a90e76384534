package io.temponest.mail;

import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.mail.LoginOption;
import io.vertx.ext.mail.MailClient;
import io.vertx.ext.mail.MailMessage;
import io.vertx.ext.mail.StartTLSOptions;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** Hands messages to a server (RFC 5321). */
final class SmtpMailer implements Mailer {

    private static final Logger LOG = LoggerFactory.getLogger(SmtpMailer.class);
    private static final int CONNECTIONS = 4;
    private static final int MOST = 256;
    private static final long LIMIT_S = 20;

    private final MailClient client;
    private final String from;
    private final AtomicInteger underWay = new AtomicInteger();

    SmtpMailer(Vertx vertx, String from, MailConfig.Smtp server) {
        this.client = MailClient.create(vertx, options(server));
        this.from = from;
    }

    private static io.vertx.ext.mail.MailConfig options(MailConfig.Smtp server) {
        io.vertx.ext.mail.MailConfig options = new io.vertx.ext.mail.MailConfig()
                .setHostname(server.host())
                .setPort(server.port())
                .setSsl(server.tls())
                .setStarttls(server.tls() || server.local() ? StartTLSOptions.OPTIONAL : StartTLSOptions.REQUIRED)
                .setMaxPoolSize(CONNECTIONS)
                .setLogin(server.login().isPresent() ? LoginOption.REQUIRED : LoginOption.DISABLED)
                .setUserAgent("temponest");
        options.setConnectTimeout(5_000).setHostnameVerificationAlgorithm("HTTPS");
        server.login()
                .ifPresent(login -> options.setUsername(login.user())
                        .setPassword(login.password().reveal()));
        return options;
    }

    @Override
    public Future<Void> send(Mail mail) {
        if (underWay.incrementAndGet() > MOST) {
            underWay.decrementAndGet();
            return Future.failedFuture(ApiError.overloaded("mail").exception());
        }
        MailMessage message = new MailMessage(from, mail.to(), mail.subject(), mail.text());
        return client.sendMail(message)
                .timeout(LIMIT_S, TimeUnit.SECONDS)
                .onComplete(done -> underWay.decrementAndGet())
                .<Void>mapEmpty()
                .recover(failure -> {
                    LOG.atWarn().addKeyValue("cause", failure.getMessage()).log("mail.not_sent");
                    return Future.failedFuture(ApiError.of(
                                    ErrorType.UPSTREAM_ERROR,
                                    "mail_not_sent",
                                    "The mail server did not take a message.")
                            .exception());
                });
    }

    @Override
    public Future<Void> close() {
        return client.close();
    }
}
