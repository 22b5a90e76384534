/** Settings from flags, environment and file, read once into validated records. */
@NullMarked
package io.temponest.config;

import org.jspecify.annotations.NullMarked;
