package io.temponest.bus;

import io.temponest.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;
import java.nio.charset.StandardCharsets;
import java.util.Collection;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * Carries our records: as they are within a process (they are immutable), as a type tag and JSON between processes. The
 * set of types is closed; a tag that is not in it is refused.
 *
 * <p>Wire form: length of the tag (4 bytes), tag (ASCII), length of the body (4 bytes), body (UTF-8 JSON).
 */
final class RecordCodec implements MessageCodec<Record, Record> {

    static final String NAME = "temponest.record";

    private final Map<String, Class<? extends Record>> types = new LinkedHashMap<>();

    RecordCodec(Collection<Class<? extends Record>> known) {
        for (Class<? extends Record> type : known) {
            Class<?> previous = types.put(tag(type), type);
            if (previous != null && previous != type) {
                throw new IllegalArgumentException("two message types with the tag " + tag(type));
            }
        }
    }

    private static String tag(Class<?> type) {
        Class<?> outer = type.getEnclosingClass();
        return outer == null ? type.getSimpleName() : outer.getSimpleName() + "." + type.getSimpleName();
    }

    boolean knows(Class<?> type) {
        return types.containsValue(type);
    }

    @Override
    public void encodeToWire(Buffer buffer, Record message) {
        byte[] tag = tag(message.getClass()).getBytes(StandardCharsets.US_ASCII);
        byte[] body = Json.bytes(message);
        buffer.appendInt(tag.length).appendBytes(tag).appendInt(body.length).appendBytes(body);
    }

    @Override
    public Record decodeFromWire(int position, Buffer buffer) {
        int tagEnd = position + 4 + buffer.getInt(position);
        String tag = buffer.getString(position + 4, tagEnd, StandardCharsets.US_ASCII.name());
        Class<? extends Record> type = types.get(tag);
        if (type == null) {
            throw new IllegalArgumentException("unknown message type " + tag);
        }
        int bodyEnd = tagEnd + 4 + buffer.getInt(tagEnd);
        return Json.read(buffer.getBytes(tagEnd + 4, bodyEnd), type);
    }

    @Override
    public Record transform(Record message) {
        return message;
    }

    @Override
    public String name() {
        return NAME;
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
