/** The audit log: who did what, in a chain of hashes per tenant. */
@NullMarked
package io.temponest.audit;

import org.jspecify.annotations.NullMarked;
