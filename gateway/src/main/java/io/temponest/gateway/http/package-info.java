/** From a socket to a handler and back: limits, deadlines, authentication, records, one way to answer failures. */
@NullMarked
package io.temponest.gateway.http;

import org.jspecify.annotations.NullMarked;
