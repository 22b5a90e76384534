/** What every process needs: Vert.x, its cluster, ordered stop. */
@NullMarked
package io.temponest.node;

import org.jspecify.annotations.NullMarked;
