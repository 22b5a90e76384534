package io.temponest.bus;

import io.temponest.error.ApiError;
import io.temponest.json.Json;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.eventbus.MessageCodec;

/** Wire form: length of the body (4 bytes), the {@link ApiError} as UTF-8 JSON. */
final class BusFailureCodec implements MessageCodec<BusFailure, BusFailure> {

    @Override
    public void encodeToWire(Buffer buffer, BusFailure failure) {
        byte[] body = Json.bytes(failure.error());
        buffer.appendInt(body.length).appendBytes(body);
    }

    @Override
    public BusFailure decodeFromWire(int position, Buffer buffer) {
        int end = position + 4 + buffer.getInt(position);
        return new BusFailure(Json.read(buffer.getBytes(position + 4, end), ApiError.class));
    }

    @Override
    public BusFailure transform(BusFailure failure) {
        return failure;
    }

    @Override
    public String name() {
        return "temponest.failure";
    }

    @Override
    public byte systemCodecID() {
        return -1;
    }
}
