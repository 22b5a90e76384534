/** Runs as both sides see them: records, the tenant's view of the store, bus addresses. */
@NullMarked
package io.temponest.run;

import org.jspecify.annotations.NullMarked;
