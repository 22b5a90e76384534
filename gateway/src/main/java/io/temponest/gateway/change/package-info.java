/** Changes: what is done, its audit entry and its kept answer, in one transaction. */
@NullMarked
package io.temponest.gateway.change;

import org.jspecify.annotations.NullMarked;
