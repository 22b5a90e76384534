/** Signing in through OpenID Connect providers: what is asked of them, what is believed of their answers, and whom it means. */
@NullMarked
package io.temponest.gateway.oidc;

import org.jspecify.annotations.NullMarked;
