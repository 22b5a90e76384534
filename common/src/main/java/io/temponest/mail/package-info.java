/** Sending mail: over SMTP, or into a folder where no server is named. */
@NullMarked
package io.temponest.mail;

import org.jspecify.annotations.NullMarked;
