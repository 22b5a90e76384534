/** Providers' answers, whole or streamed, as the pieces that every client's form is written from. */
@NullMarked
package io.temponest.model.wire.answer;

import org.jspecify.annotations.NullMarked;
