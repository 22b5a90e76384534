/** Models and token counts. */
@NullMarked
package io.temponest.gateway.models;

import org.jspecify.annotations.NullMarked;
