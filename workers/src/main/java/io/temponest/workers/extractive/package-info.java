/** The model that answers by quoting. */
@NullMarked
package io.temponest.workers.extractive;

import org.jspecify.annotations.NullMarked;
