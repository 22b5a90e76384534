/** Every failure that a client can see. */
@NullMarked
package io.temponest.error;

import org.jspecify.annotations.NullMarked;
