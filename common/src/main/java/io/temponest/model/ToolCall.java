package io.temponest.model;

/**
 * What a model asks for.
 *
 * @param id the provider's, which its result has to name
 * @param arguments the text that the model wrote, which should be a JSON object
 */
public record ToolCall(String id, String name, String arguments) {}
