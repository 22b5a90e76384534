/** Answers and failures in the form of the client, whole or as the frames of a stream. */
@NullMarked
package io.temponest.model.wire.reply;

import org.jspecify.annotations.NullMarked;
