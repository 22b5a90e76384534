@NullMarked
package io.temponest.audit;

import org.jspecify.annotations.NullMarked;
