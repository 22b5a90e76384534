/** Delivers events to the endpoints of tenants. See docs/WEBHOOKS.md. */
@NullMarked
package io.temponest.workers.webhook;

import org.jspecify.annotations.NullMarked;
