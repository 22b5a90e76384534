/** What the controls of the gateway cost, measured. Programs, not tests. */
@NullMarked
package io.temponest.gateway.bench;

import org.jspecify.annotations.NullMarked;
