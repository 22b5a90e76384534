package io.temponest.agent;

import io.temponest.approval.Risk;
import java.util.Optional;

/**
 * A tool that an agent may use.
 *
 * @param name as models call it: letters, digits, {@code _} and {@code -}, at most 64
 * @param risk of its calls by this agent, where that is more than the tool's own
 */
public record ToolGrant(String name, Optional<Risk> risk) {

    public ToolGrant {
        if (!name.matches("[A-Za-z0-9_-]{1,64}")) {
            throw new IllegalArgumentException(
                    "tools may only have names of 1 to 64 letters, digits, underscores and dashes");
        }
    }
}
