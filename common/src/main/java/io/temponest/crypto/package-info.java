/** Encryption of what is kept. */
@NullMarked
package io.temponest.crypto;

import org.jspecify.annotations.NullMarked;
