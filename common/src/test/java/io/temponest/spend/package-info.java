@NullMarked
package io.temponest.spend;

import org.jspecify.annotations.NullMarked;
