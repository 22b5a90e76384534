package io.temponest.mail;

import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The address of one mailbox, in the one form that is taken anywhere: ASCII, without a name, quotes or comments. Of other letters
 * the program and the database could disagree which are the same.
 *
 * @param text as its owner writes it; case counts for nothing, see {@link #key}
 */
public record EmailAddress(String text) {

    /** Characters, as of RFC 5321. */
    public static final int LONGEST = 254;

    private static final Pattern FORM =
            Pattern.compile("[A-Za-z0-9.!#$%&'*+/=?^_`{|}~-]{1,64}@[A-Za-z0-9](?:[A-Za-z0-9.-]*[A-Za-z0-9])?");

    public EmailAddress {
        if (text.length() > LONGEST || !FORM.matcher(text).matches()) {
            throw new IllegalArgumentException("text must be an e-mail address");
        }
    }

    /** Reads an address, with or without space around it; empty where the text is none. */
    public static Optional<EmailAddress> parse(String text) {
        String stripped = text.strip();
        return stripped.length() <= LONGEST && FORM.matcher(stripped).matches()
                ? Optional.of(new EmailAddress(stripped))
                : Optional.empty();
    }

    /**
     * What is one for all spellings of an address, for whatever counts by address. Of what is no address, and so nobody's, it is
     * the text itself.
     */
    public static String key(String text) {
        return parse(text)
                .map(address -> address.text().toLowerCase(Locale.ROOT))
                .orElseGet(text::strip);
    }
}
