/** Webhooks as clients make, change and look after them. */
@NullMarked
package io.temponest.gateway.webhooks;

import org.jspecify.annotations.NullMarked;
