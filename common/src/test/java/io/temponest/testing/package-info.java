/** What the tests of all modules stand on. */
@NullMarked
package io.temponest.testing;

import org.jspecify.annotations.NullMarked;
