package io.temponest.gateway.account;

import io.temponest.gateway.http.Fields;
import io.temponest.mail.EmailAddress;
import java.util.Optional;

/** E-mail addresses in requests. */
final class Emails {

    private Emails() {}

    /** An address that mail could be sent to. */
    static String read(String field, Optional<String> value) {
        return EmailAddress.parse(Fields.text(field, value, EmailAddress.LONGEST))
                .map(EmailAddress::text)
                .orElseThrow(() -> Fields.invalid(field, "must be an e-mail address"));
    }
}
