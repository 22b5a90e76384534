/** The models that run in this process, for whoever asks on the bus. */
@NullMarked
package io.temponest.workers.model;

import org.jspecify.annotations.NullMarked;
