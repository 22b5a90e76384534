/** Measurements, which {@code bench/} runs. */
@NullMarked
package io.temponest.workers.bench;

import org.jspecify.annotations.NullMarked;
