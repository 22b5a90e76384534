/** Encryption of what is kept, and the certificates of what is sent. */
@NullMarked
package io.temponest.crypto;

import org.jspecify.annotations.NullMarked;
