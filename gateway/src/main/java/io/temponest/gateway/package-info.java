/** Composition root of the gateway. */
@NullMarked
package io.temponest.gateway;

import org.jspecify.annotations.NullMarked;
