package io.temponest.json;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.StreamReadConstraints;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonDeserializer;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.MapperFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.PropertyNamingStrategies;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.deser.std.JsonNodeDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.ToStringSerializerBase;
import com.fasterxml.jackson.datatype.jdk8.Jdk8Module;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.math.BigDecimal;
import java.time.Instant;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import org.jspecify.annotations.Nullable;

/**
 * Records to JSON and back: snake_case names, RFC 3339 UTC times with milliseconds, money as decimal strings, absent
 * instead of null. {@link #STRICT} refuses fields that a record does not have; {@link #LENIENT} skips them, for what
 * others send.
 */
public final class Json {

    private static final int MAX_DEPTH = 64;
    private static final DateTimeFormatter RFC_3339 =
            DateTimeFormatter.ofPattern("uuuu-MM-dd'T'HH:mm:ss.SSS'Z'").withZone(ZoneOffset.UTC);

    public static final ObjectMapper STRICT = mapper(true);
    public static final ObjectMapper LENIENT = mapper(false);

    static {
        // Money, as we write it ourselves.
        LENIENT.coercionConfigFor(BigDecimal.class).setCoercion(CoercionInputShape.String, CoercionAction.TryConvert);
    }

    private Json() {}

    private static ObjectMapper mapper(boolean strict) {
        JsonMapper mapper = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .defaultPropertyInclusion(
                        JsonInclude.Value.construct(JsonInclude.Include.NON_ABSENT, JsonInclude.Include.NON_ABSENT))
                .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
                .disable(MapperFeature.ALLOW_COERCION_OF_SCALARS)
                .configure(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES, strict)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
                .enable(DeserializationFeature.USE_BIG_DECIMAL_FOR_FLOATS)
                .addModules(
                        new Jdk8Module(),
                        new JavaTimeModule(),
                        new SimpleModule("temponest")
                                .addDeserializer(JsonNode.class, new TreeOrAbsent())
                                .addSerializer(new AsText<>(Instant.class, RFC_3339::format))
                                .addSerializer(new AsText<>(BigDecimal.class, BigDecimal::toPlainString)))
                .build();
        mapper.getFactory()
                .setStreamReadConstraints(StreamReadConstraints.builder()
                        .maxNestingDepth(MAX_DEPTH)
                        .build());
        return mapper;
    }

    /** As it is written everywhere: RFC 3339, UTC, with milliseconds. */
    public static String time(Instant moment) {
        return RFC_3339.format(moment);
    }

    public static byte[] bytes(Object value) {
        try {
            return STRICT.writeValueAsBytes(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static String text(Object value) {
        try {
            return STRICT.writeValueAsString(value);
        } catch (JsonProcessingException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what we wrote ourselves; a failure is a bug or a damaged store. */
    public static <T> T read(String text, Class<T> type) {
        try {
            return LENIENT.readValue(text, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    /** Reads what we wrote ourselves; a failure is a bug or a damaged store. */
    public static <T> T read(byte[] bytes, Class<T> type) {
        try {
            return LENIENT.readValue(bytes, type);
        } catch (IOException e) {
            throw new UncheckedIOException(e);
        }
    }

    public static JsonNode tree(String text) {
        return read(text, JsonNode.class);
    }

    /** Reads a tree whose absence is absence: Jackson's own reader makes an {@code Optional} that holds a null node. */
    private static final class TreeOrAbsent extends JsonDeserializer<JsonNode> {

        @Override
        public JsonNode deserialize(JsonParser parser, DeserializationContext context) throws IOException {
            return (JsonNode)
                    JsonNodeDeserializer.getDeserializer(JsonNode.class).deserialize(parser, context);
        }

        @Override
        public @Nullable JsonNode getNullValue(DeserializationContext context) {
            return null;
        }
    }

    private static final class AsText<T> extends ToStringSerializerBase {

        private static final long serialVersionUID = 1L;

        private final Class<T> type;
        private final transient java.util.function.Function<T, String> format;

        AsText(Class<T> type, java.util.function.Function<T, String> format) {
            super(type);
            this.type = type;
            this.format = format;
        }

        @Override
        public String valueToString(Object value) {
            return format.apply(type.cast(value));
        }
    }
}
