/** What agents can use. Other packages add tools of their own by a {@link io.temponest.workers.tool.Toolbox}. */
@NullMarked
package io.temponest.workers.tool;

import org.jspecify.annotations.NullMarked;
