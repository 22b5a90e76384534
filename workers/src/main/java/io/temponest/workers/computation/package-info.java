/** Threads for work that computes rather than waits. */
@NullMarked
package io.temponest.workers.computation;

import org.jspecify.annotations.NullMarked;
