/** What models cost each tenant: the table's prices, and those of the tenant's own. */
@NullMarked
package io.temponest.model.price;

import org.jspecify.annotations.NullMarked;
