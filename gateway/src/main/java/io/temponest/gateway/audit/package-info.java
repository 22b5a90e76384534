/** Reading and verifying the audit log. */
@NullMarked
package io.temponest.gateway.audit;

import org.jspecify.annotations.NullMarked;
