/** Agents and their immutable versions. */
@NullMarked
package io.temponest.agent;

import org.jspecify.annotations.NullMarked;
