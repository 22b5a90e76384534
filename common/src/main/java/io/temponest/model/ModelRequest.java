package io.temponest.model;

import io.temponest.knowledge.Passage;
import io.temponest.spend.Account;
import java.util.List;
import java.util.Optional;

/**
 * What a model is asked.
 *
 * @param messages the conversation, oldest first; the last is the user's
 * @param passages what was retrieved, in the order of their marks: the first is cited as {@code [1]}
 * @param turns what was said and done since, oldest first
 * @param tools that it may ask for
 * @param sampling how to sample
 * @param payer whom it is charged to
 */
public record ModelRequest(
        ModelName model,
        List<Message> messages,
        List<Passage> passages,
        List<Turn> turns,
        List<ToolOffer> tools,
        Sampling sampling,
        Account payer) {

    public ModelRequest {
        messages = List.copyOf(messages);
        passages = List.copyOf(passages);
        turns = List.copyOf(turns);
        tools = List.copyOf(tools);
    }

    /**
     * How to sample.
     *
     * @param temperature 0 to 2
     * @param topP 0 to 1
     * @param seed for providers that take one
     * @param maxOutputTokens limit of the answer
     */
    public record Sampling(double temperature, double topP, Optional<Integer> seed, int maxOutputTokens) {}
}
