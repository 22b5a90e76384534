/**
 * Translation between the APIs of model providers: requests, whole answers, streams, failures and usage. Functions and small
 * state machines without I/O. The hub form is OpenAI's chat completions: {@code request} goes through it, {@code answer}
 * reads providers' answers into pieces, {@code reply} writes pieces for clients.
 */
@NullMarked
package io.temponest.model.wire;

import org.jspecify.annotations.NullMarked;
