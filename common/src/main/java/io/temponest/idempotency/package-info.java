/** Answers that are kept for requests that may come twice. */
@NullMarked
package io.temponest.idempotency;

import org.jspecify.annotations.NullMarked;
