/** Projects: what runs are grouped by. */
@NullMarked
package io.temponest.project;

import org.jspecify.annotations.NullMarked;
