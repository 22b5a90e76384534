/** Connections to addresses that a tenant chose: nowhere but where anybody may go, and with an end. See docs/decisions/0036. */
@NullMarked
package io.temponest.egress;

import org.jspecify.annotations.NullMarked;
