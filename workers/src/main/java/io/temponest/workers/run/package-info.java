/**
 * The run engine: claims runs, interprets their agents over a journal, and survives the loss of any worker. See
 * docs/ARCHITECTURE.md, "How a run survives".
 */
@NullMarked
package io.temponest.workers.run;

import org.jspecify.annotations.NullMarked;
