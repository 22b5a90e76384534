/** The one JSON mapper. */
@NullMarked
package io.temponest.json;

import org.jspecify.annotations.NullMarked;
