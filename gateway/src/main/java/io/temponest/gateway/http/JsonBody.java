package io.temponest.gateway.http;

import com.fasterxml.jackson.annotation.JsonSetter;
import com.fasterxml.jackson.annotation.Nulls;
import com.fasterxml.jackson.core.JsonLocation;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.exc.StreamConstraintsException;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.cfg.CoercionAction;
import com.fasterxml.jackson.databind.cfg.CoercionInputShape;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.databind.type.LogicalType;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.json.Json;
import java.io.IOException;
import java.util.Arrays;
import java.util.Collection;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** Reads a request's record from its body. Whatever is wrong is a 400 that says where. */
final class JsonBody {

    private static final int LONGEST_QUOTE = 100;

    private static final ObjectMapper REQUESTS = requests();

    private JsonBody() {}

    /** {@link Json#STRICT}, which besides takes no number for a text, no null in a list and no field twice. */
    private static ObjectMapper requests() {
        ObjectMapper mapper = Json.STRICT.copy();
        mapper.setDefaultSetterInfo(JsonSetter.Value.forContentNulls(Nulls.FAIL));
        mapper.enable(JsonParser.Feature.STRICT_DUPLICATE_DETECTION);
        mapper.coercionConfigFor(LogicalType.Textual)
                .setCoercion(CoercionInputShape.Integer, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Float, CoercionAction.Fail)
                .setCoercion(CoercionInputShape.Boolean, CoercionAction.Fail);
        return mapper;
    }

    static <T extends Record> T read(byte[] body, Class<T> type) {
        if (body.length == 0) {
            throw ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "body_missing", "The request needs a JSON body.")
                    .exception();
        }
        try (JsonParser parser = new StorableText.Body(REQUESTS.createParser(body))) {
            return Optional.ofNullable(REQUESTS.readValue(parser, type)).orElseThrow(JsonBody::notAnObject);
        } catch (IOException e) {
            throw translate(e);
        }
    }

    private static ApiException translate(IOException failure) {
        return switch (failure) {
            case StorableText.Unstorable text -> StorableText.refused(quoted(text.field()));
            case UnrecognizedPropertyException unknown -> unknownField(unknown);
            case MismatchedInputException mismatch when mismatch.getPath().isEmpty() -> notAnObject();
            case MismatchedInputException mismatch -> wrongType(mismatch);
            case JsonMappingException mapping
            when mapping.getCause() instanceof StreamConstraintsException -> tooComplex();
            case JsonMappingException mapping when !mapping.getPath().isEmpty() -> refused(mapping);
            case StreamConstraintsException limit -> tooComplex();
            default -> malformed(failure);
        };
    }

    private static ApiException notAnObject() {
        return ApiError.of(ErrorType.INVALID_REQUEST_ERROR, "wrong_type", "The body must be a JSON object.")
                .exception();
    }

    private static ApiException tooComplex() {
        return ApiError.of(
                        ErrorType.INVALID_REQUEST_ERROR,
                        "json_too_complex",
                        "The body is nested too deeply or holds too large a value.")
                .exception();
    }

    private static ApiException malformed(IOException failure) {
        JsonLocation at = failure instanceof com.fasterxml.jackson.core.JsonProcessingException json
                ? json.getLocation()
                : JsonLocation.NA;
        String place = at == null || at.getLineNr() < 1
                ? ""
                : " at line %d, column %d".formatted(at.getLineNr(), at.getColumnNr());
        return ApiError.of(
                        ErrorType.INVALID_REQUEST_ERROR,
                        "json_malformed",
                        "The body is not valid JSON: it breaks off or goes wrong%s.".formatted(place))
                .exception();
    }

    private static ApiException unknownField(UnrecognizedPropertyException unknown) {
        String field = path(unknown);
        Collection<Object> known =
                Optional.ofNullable(unknown.getKnownPropertyIds()).orElse(List.of());
        return ApiError.invalid(
                        field,
                        "unknown_field",
                        "'%s' is not a field that this request supports (yet); it supports: %s."
                                .formatted(
                                        field,
                                        known.stream()
                                                .map(String::valueOf)
                                                .collect(Collectors.toCollection(TreeSet::new))
                                                .stream()
                                                .collect(Collectors.joining(", "))))
                .exception();
    }

    private static ApiException wrongType(MismatchedInputException mismatch) {
        String field = path(mismatch);
        return ApiError.invalid(
                        field, "wrong_type", "'%s' must be %s.".formatted(field, wanted(mismatch.getTargetType())))
                .exception();
    }

    /** A value that the type's own checks refuse. */
    private static ApiException refused(JsonMappingException mapping) {
        if (mapping.getCause() instanceof ApiException known) {
            return known;
        }
        String field = path(mapping);
        return ApiError.invalid(field, "invalid_value", "'%s' is not valid.".formatted(field))
                .exception();
    }

    private static String path(JsonMappingException failure) {
        StringBuilder path = new StringBuilder();
        for (JsonMappingException.Reference part : failure.getPath()) {
            if (part.getFieldName() == null) {
                path.append('[').append(part.getIndex()).append(']');
            } else {
                path.append(path.isEmpty() ? "" : ".").append(part.getFieldName());
            }
        }
        return quoted(path.toString());
    }

    private static String quoted(String path) {
        return path.length() > LONGEST_QUOTE ? path.substring(0, LONGEST_QUOTE) + "…" : path;
    }

    private static String wanted(Class<?> type) {
        if (type == null) {
            return "of another type";
        } else if (type == String.class) {
            return "a string";
        } else if (type == Integer.class || type == int.class || type == Long.class || type == long.class) {
            return "a whole number";
        } else if (Number.class.isAssignableFrom(type) || type == double.class) {
            return "a number";
        } else if (type == Boolean.class || type == boolean.class) {
            return "true or false";
        } else if (Collection.class.isAssignableFrom(type) || type.isArray()) {
            return "an array without null";
        } else if (type.isEnum()) {
            return "one of "
                    + Arrays.stream(type.getEnumConstants())
                            .map(constant -> constant.toString().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
        }
        return "an object";
    }
}
