/** How much each caller may ask for in a time, decided for the whole cluster: docs/decisions/0010. */
@NullMarked
package io.temponest.gateway.limit;

import org.jspecify.annotations.NullMarked;
