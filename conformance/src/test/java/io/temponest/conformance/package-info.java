/** Official SDKs of OpenAI, Anthropic and others against the program itself, in front of providers that fail. */
@NullMarked
package io.temponest.conformance;

import org.jspecify.annotations.NullMarked;
