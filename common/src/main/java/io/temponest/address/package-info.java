/** Addresses of the internet, the networks that they are in, and which of them anybody may reach. */
@NullMarked
package io.temponest.address;

import org.jspecify.annotations.NullMarked;
