package io.temponest.mail;

import io.vertx.core.Future;
import io.vertx.core.Vertx;

/** Sends mail. */
public sealed interface Mailer permits FolderMailer, SmtpMailer {

    static Mailer of(Vertx vertx, MailConfig config) {
        return switch (config.way()) {
            case MailConfig.Folder folder -> new FolderMailer(vertx, config.from(), folder.path());
            case MailConfig.Smtp smtp -> new SmtpMailer(vertx, config.from(), smtp);
        };
    }

    /**
     * Completes when the message is on the disk, or a server has taken it. Fails with an
     * {@link io.temponest.error.ApiException}: {@code overloaded_error} when too many are under way, {@code upstream_error} when
     * the server does not take it.
     */
    Future<Void> send(Mail mail);

    /** Ends its connections. */
    Future<Void> close();
}
