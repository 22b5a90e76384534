package io.temponest.mail;

import io.micrometer.core.instrument.Gauge;
import io.micrometer.core.instrument.MeterRegistry;
import io.temponest.error.ApiError;
import io.temponest.identity.Ids;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.time.InstantSource;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Gives each mail a deadline, takes so many at once, and counts what became of them. */
public final class BoundedMailer implements Mailer {

    /** How long one mail may take. */
    private static final Duration PATIENCE = Duration.ofSeconds(15);

    private static final int MOST_UNDER_WAY = 64;

    private final Mailer mailer;
    private final MeterRegistry metrics;
    private final Duration patience;
    private final int most;
    private final AtomicInteger underWay = new AtomicInteger();

    BoundedMailer(Mailer mailer, MeterRegistry metrics, Duration patience, int most) {
        this.mailer = mailer;
        this.metrics = metrics;
        this.patience = patience;
        this.most = most;
        Gauge.builder("temponest.mails.under.way", underWay, AtomicInteger::get).register(metrics);
    }

    /** The mailer that a configuration asks for. */
    public static Mailer of(Vertx vertx, MeterRegistry metrics, MailConfig config) {
        Mailer mailer = config.smtp()
                .<Mailer>map(server -> new SmtpMailer(vertx, server, config.from(), SmtpMailer.SILENCE))
                .orElseGet(() -> new MailFolder(vertx, config, new Ids(), InstantSource.system()));
        return new BoundedMailer(mailer, metrics, PATIENCE, MOST_UNDER_WAY);
    }

    @Override
    public Future<Void> send(Mail mail) {
        if (underWay.incrementAndGet() > most) {
            underWay.decrementAndGet();
            count("refused");
            return Future.failedFuture(ApiError.overloaded("Sending mail").exception());
        }
        Future<Void> sending = mailer.send(mail);
        // The place is taken until the mail is really over, also where nobody waits for it any more.
        sending.onComplete(over -> underWay.decrementAndGet());
        return sending.timeout(patience.toMillis(), TimeUnit.MILLISECONDS)
                .onSuccess(sent -> count("sent"))
                .onFailure(failed -> count("failed"));
    }

    private void count(String outcome) {
        metrics.counter("temponest.mails", "outcome", outcome).increment();
    }
}
