@NullMarked
package io.temponest.gateway.change;

import org.jspecify.annotations.NullMarked;
