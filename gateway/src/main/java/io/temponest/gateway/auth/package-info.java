/** Who makes a request: access tokens and API keys. */
@NullMarked
package io.temponest.gateway.auth;

import org.jspecify.annotations.NullMarked;
