package io.temponest.mail;

import java.util.regex.Pattern;

/**
 * A message in plain text to one address.
 *
 * @param to an e-mail address, without a name
 * @param subject one line
 */
public record Mail(String to, String subject, String text) {

    private static final Pattern ADDRESS = Pattern.compile("[^\\s\\p{Cntrl}@<>,;:\"]+@[^\\s\\p{Cntrl}@<>,;:\"]+");
    private static final Pattern LINE = Pattern.compile("[^\\p{Cntrl}]{1,200}");

    public Mail {
        if (!isAddress(to)) {
            throw new IllegalArgumentException("to must be an e-mail address");
        }
        if (!LINE.matcher(subject).matches()) {
            throw new IllegalArgumentException("subject must be one line of 1 to 200 characters");
        }
    }

    /** Whether a text can stand in a header as an address; nothing that ends a header can. */
    static boolean isAddress(String text) {
        return text.length() <= 254 && ADDRESS.matcher(text).matches();
    }

    @Override
    public String toString() {
        return "Mail[" + subject + "]";
    }
}
