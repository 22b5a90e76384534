/** Composition root of the cli. */
@NullMarked
package io.temponest.cli;

import org.jspecify.annotations.NullMarked;
