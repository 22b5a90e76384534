/** Signing in, and API keys. */
@NullMarked
package io.temponest.gateway.account;

import org.jspecify.annotations.NullMarked;
