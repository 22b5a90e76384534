/** Health, metrics, and the API's own description. */
@NullMarked
package io.temponest.gateway.ops;

import org.jspecify.annotations.NullMarked;
