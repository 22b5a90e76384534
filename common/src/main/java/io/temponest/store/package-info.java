/** PostgreSQL: pools, tenant transactions, keyset pages, migrations. */
@NullMarked
package io.temponest.store;

import org.jspecify.annotations.NullMarked;
