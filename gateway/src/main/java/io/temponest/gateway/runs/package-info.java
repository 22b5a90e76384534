/** Starting, reading, following and cancelling runs. */
@NullMarked
package io.temponest.gateway.runs;

import org.jspecify.annotations.NullMarked;
