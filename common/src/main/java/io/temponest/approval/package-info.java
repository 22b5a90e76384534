/** What people decide: risks, approvals and votes. */
@NullMarked
package io.temponest.approval;

import org.jspecify.annotations.NullMarked;
