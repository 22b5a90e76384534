/** Calls to providers of models: which one, with which key, how often, and what becomes of the answer on its way. */
@NullMarked
package io.temponest.model.relay;

import org.jspecify.annotations.NullMarked;
