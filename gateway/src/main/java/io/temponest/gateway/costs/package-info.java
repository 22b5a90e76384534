/** What calls to models cost: sums, exports, budgets, alerts and prices. */
@NullMarked
package io.temponest.gateway.costs;

import org.jspecify.annotations.NullMarked;
