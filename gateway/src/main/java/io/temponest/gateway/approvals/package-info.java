/** What people decide about runs. */
@NullMarked
package io.temponest.gateway.approvals;

import org.jspecify.annotations.NullMarked;
