package io.temponest.mail;

/**
 * A mail to one person. Neither its address nor its subject can hold a line break or another control character, so that no text
 * can become a header.
 *
 * @param to an address without a name, such as {@code ada@example.org}
 * @param text plain; lines end with {@code \n}
 */
public record Mail(String to, String subject, String text) {

    private static final int LONGEST_SUBJECT = 200;

    public Mail {
        to = address("to", to);
        if (subject.isBlank()
                || subject.length() > LONGEST_SUBJECT
                || subject.codePoints().anyMatch(Mail::breaks)) {
            throw new IllegalArgumentException("subject must have 1 to 200 characters and no line breaks");
        }
    }

    /** Fails with {@link IllegalArgumentException} that names the field unless the text is an address of one mailbox. */
    static String address(String field, String text) {
        return EmailAddress.parse(text)
                .filter(address -> address.text().equals(text))
                .map(EmailAddress::text)
                .orElseThrow(() -> new IllegalArgumentException(field + " must be an e-mail address"));
    }

    private static boolean breaks(int character) {
        return Character.isISOControl(character) || character == 0x2028 || character == 0x2029;
    }
}
