/** A client's request in the hub form (OpenAI chat completions) and from there in a provider's form. */
@NullMarked
package io.temponest.model.wire.request;

import org.jspecify.annotations.NullMarked;
