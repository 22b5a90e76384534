/** Password hashing, off the event loops. */
@NullMarked
package io.temponest.workers.hashing;

import org.jspecify.annotations.NullMarked;
