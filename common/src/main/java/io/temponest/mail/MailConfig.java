package io.temponest.mail;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Where mail goes.
 *
 * @param smtp absent: into the folder
 * @param from address of the sender
 * @param folder one file per mail
 */
public record MailConfig(Optional<SmtpServer> smtp, String from, Path folder) {

    private static final String FOLDER = "mail";

    /** Reads the settings; mistakes are told to the environment. */
    public static MailConfig read(Environment environment) {
        return new MailConfig(
                environment.parsed(Setting.MAIL_URL, SmtpServer::parse),
                environment
                        .parsed(Setting.MAIL_FROM, from -> Mail.address("the value", from))
                        .orElse(Setting.MAIL_FROM.standard()),
                environment.path(Setting.DATA_DIR).resolve(FOLDER));
    }
}
