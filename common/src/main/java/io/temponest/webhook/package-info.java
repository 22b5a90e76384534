/** Webhooks: who wants to hear of what, and what became of each delivery. See docs/WEBHOOKS.md. */
@NullMarked
package io.temponest.webhook;

import org.jspecify.annotations.NullMarked;
