/** Composition root of the workers. */
@NullMarked
package io.temponest.workers;

import org.jspecify.annotations.NullMarked;
