/** Typed messages between gateway and workers: addresses, one codec, deadlines, streams with back-pressure. */
@NullMarked
package io.temponest.bus;

import org.jspecify.annotations.NullMarked;
