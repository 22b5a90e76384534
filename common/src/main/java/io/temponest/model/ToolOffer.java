package io.temponest.model;

import com.fasterxml.jackson.databind.JsonNode;

/**
 * A tool that a model may ask for.
 *
 * @param parameters the JSON Schema of its arguments
 */
public record ToolOffer(String name, String description, JsonNode parameters) {}
