/** Models' answers that are kept for whoever asks the same, or nearly the same, again. */
@NullMarked
package io.temponest.gateway.answers;

import org.jspecify.annotations.NullMarked;
