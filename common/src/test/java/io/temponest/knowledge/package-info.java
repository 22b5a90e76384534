@NullMarked
package io.temponest.knowledge;

import org.jspecify.annotations.NullMarked;
