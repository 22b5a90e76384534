package io.temponest.mail;

import io.vertx.core.Future;

/** Sends mails. */
public interface Mailer {

    /**
     * Sends one mail, once. Succeeds when the server, or the disk, has it; fails with an {@link
     * io.temponest.error.ApiException} of type {@code overloaded_error} when too many are under way.
     */
    Future<Void> send(Mail mail);
}
