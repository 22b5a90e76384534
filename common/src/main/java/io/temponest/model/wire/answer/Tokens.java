package io.temponest.model.wire.answer;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * What an answer used.
 *
 * @param input all of the input, however it was cached
 * @param cached the part of it that was read from the provider's cache
 * @param cacheWritten the part of it that was written to the cache, where the provider says
 * @param output all of the answer, with its reasoning
 * @param reasoning the part of the output that was reasoning, where the provider says
 */
public record Tokens(long input, long cached, long cacheWritten, long output, long reasoning) {

    public static final Tokens NONE = new Tokens(0, 0, 0, 0, 0);

    /** More than any answer has: what a provider says beyond it, or below zero, is no count. */
    private static final long MOST = 1_000_000_000;

    public Tokens {
        cached = Math.min(cached, input);
    }

    private static long count(JsonNode number, long otherwise) {
        return Math.clamp(number.asLong(otherwise), 0, MOST);
    }

    /** {@code usage} of a chat completion or of its last chunk. */
    public static Tokens ofChat(JsonNode usage) {
        return new Tokens(
                count(usage.path("prompt_tokens"), 0),
                count(usage.path("prompt_tokens_details").path("cached_tokens"), 0),
                0,
                count(usage.path("completion_tokens"), 0),
                count(usage.path("completion_tokens_details").path("reasoning_tokens"), 0));
    }

    /** {@code usage} of a response of the Responses API. */
    public static Tokens ofResponses(JsonNode usage) {
        return new Tokens(
                count(usage.path("input_tokens"), 0),
                count(usage.path("input_tokens_details").path("cached_tokens"), 0),
                0,
                count(usage.path("output_tokens"), 0),
                count(usage.path("output_tokens_details").path("reasoning_tokens"), 0));
    }

    /**
     * {@code usage} of an Anthropic message, or of an event of its stream: the numbers are totals, and those that an event
     * leaves out are those of the one before. Anthropic counts cached input beside {@code input_tokens}, not within.
     */
    public Tokens andAnthropic(JsonNode usage) {
        long read = count(usage.path("cache_read_input_tokens"), cached);
        long written = count(usage.path("cache_creation_input_tokens"), cacheWritten);
        long fresh = count(usage.path("input_tokens"), input - cached - cacheWritten);
        return new Tokens(
                fresh + read + written,
                read,
                written,
                count(usage.path("output_tokens"), output),
                count(usage.path("output_tokens_details").path("thinking_tokens"), reasoning));
    }

    /** The counters of an Ollama answer that is done. */
    public static Tokens ofOllama(JsonNode answer) {
        return new Tokens(count(answer.path("prompt_eval_count"), 0), 0, 0, count(answer.path("eval_count"), 0), 0);
    }
}
