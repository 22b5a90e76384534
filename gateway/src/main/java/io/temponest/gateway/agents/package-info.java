/** Agents and their versions. */
@NullMarked
package io.temponest.gateway.agents;

import org.jspecify.annotations.NullMarked;
