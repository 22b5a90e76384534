/** Two-level caches: memory in front, Redis behind. */
@NullMarked
package io.temponest.cache;

import org.jspecify.annotations.NullMarked;
