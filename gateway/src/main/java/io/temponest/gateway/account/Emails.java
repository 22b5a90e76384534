package io.temponest.gateway.account;

import io.temponest.gateway.http.Fields;
import java.util.Optional;
import java.util.regex.Pattern;

/** E-mail addresses, as far as their form says anything. */
final class Emails {

    static final int LONGEST = 254;

    private static final Pattern FORM =
            Pattern.compile("[^\\s@\\p{Cntrl}<>\"(),:;\\[\\]\\\\]{1,64}@[^\\s@\\p{Cntrl}<>\"(),:;\\[\\]\\\\]+");

    private Emails() {}

    /** An address that mail could be sent to. */
    static String read(String field, Optional<String> value) {
        String email = Fields.text(field, value, LONGEST).strip();
        if (!FORM.matcher(email).matches()) {
            throw Fields.invalid(field, "must be an e-mail address");
        }
        return email;
    }
}
