/** A PostgreSQL server that runs beside this process, its data in a folder. */
@NullMarked
package io.temponest.embedded;

import org.jspecify.annotations.NullMarked;
