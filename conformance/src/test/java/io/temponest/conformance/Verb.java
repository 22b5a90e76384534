package io.temponest.conformance;

/** What an SDK can be asked to do, each in its own way. */
enum Verb {
    /** An answer in one piece. */
    TEXT,
    /** The same over the SDK's beta methods. */
    BETA,
    STREAM,
    /** A tool's call, its result, and the answer after it. */
    TOOL,
    /** A tool's call out of a stream: its name and its arguments. */
    TOOL_STREAM,
    /** An answer by a JSON schema, parsed. */
    OBJECT,
    /** Vectors in the encoding that the SDK chooses. */
    VECTORS,
    VECTORS_AS_NUMBERS,
    /** The names of all models. */
    MODELS,
    /** A stream that is left after its first text. */
    HANG_UP
}
