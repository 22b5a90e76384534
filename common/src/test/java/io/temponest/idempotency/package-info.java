@NullMarked
package io.temponest.idempotency;

import org.jspecify.annotations.NullMarked;
