/** Token counting, off the event loops. */
@NullMarked
package io.temponest.workers.token;

import org.jspecify.annotations.NullMarked;
