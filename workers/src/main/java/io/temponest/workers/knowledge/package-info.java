/** Documents to passages, and the search over them. */
@NullMarked
package io.temponest.workers.knowledge;

import org.jspecify.annotations.NullMarked;
