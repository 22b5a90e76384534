package io.temponest.workers.tool;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.agent.Agent;
import io.vertx.core.Future;
import java.util.Optional;

/** Something that an agent can use. */
public sealed interface Tool {

    ToolSpec spec();

    /** One that does its work in a call. */
    non-sealed interface Called extends Tool {

        /**
         * Does it. The engine has noted the call before and notes its result afterwards; it waits for neither a vote nor a lease
         * meanwhile, and holds no connection.
         *
         * @param arguments as the model wrote them, or as a person changed them; to be checked against the schema by the tool
         * @return never fails for what others do, see {@link ToolResult}; a failure is a bug, and leaves open whether it happened
         */
        Future<ToolResult> call(ToolContext context, ObjectNode arguments);
    }

    /** One that can be asked what became of a call. */
    interface Queried extends Called {

        /** What the call with the context's key came to; empty where it never happened, so that it may be made. */
        Future<Optional<ToolResult>> outcome(ToolContext context, ObjectNode arguments);
    }

    /** Another agent, whose run the engine makes and waits for. */
    record Child(ToolSpec spec, Agent agent) implements Tool {}

    /** Time, for which the engine waits. */
    record Timer(ToolSpec spec) implements Tool {}
}
