/** Projects and their runs. */
@NullMarked
package io.temponest.gateway.projects;

import org.jspecify.annotations.NullMarked;
