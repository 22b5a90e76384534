/** Who calls, for which tenant, and what they may do; the text form of ids. */
@NullMarked
package io.temponest.identity;

import org.jspecify.annotations.NullMarked;
