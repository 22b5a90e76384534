/** Language models: requests, streamed answers, providers and their limits. */
@NullMarked
package io.temponest.model;

import org.jspecify.annotations.NullMarked;
