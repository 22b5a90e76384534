/** Collections, documents and search. */
@NullMarked
package io.temponest.gateway.knowledge;

import org.jspecify.annotations.NullMarked;
