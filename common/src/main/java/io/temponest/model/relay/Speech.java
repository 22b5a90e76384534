package io.temponest.model.relay;

import io.temponest.error.ApiError;
import io.temponest.model.relay.Exchange.Event;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.IncludeUsage;
import io.temponest.model.wire.StreamTranslation;
import io.temponest.model.wire.Wire;
import io.temponest.model.wire.answer.Answering;
import io.vertx.core.buffer.Buffer;
import java.util.Optional;

/** Says one provider's answer in the client's form. Not for several threads. */
final class Speech {

    private final Form provider;
    private final Form client;
    private final boolean dropsUsage;
    private final Answering about;
    private final StreamTranslation stream;

    /** @param dropsUsage whether the provider was asked for a chunk of usage that the client was not */
    Speech(Form provider, Form client, boolean dropsUsage, Answering about) {
        this.provider = provider;
        this.client = client;
        this.dropsUsage = dropsUsage;
        this.about = about;
        this.stream = Wire.stream(provider, client, about);
    }

    /** @throws io.temponest.error.ApiException for an answer that cannot be understood */
    Buffer whole(Buffer body) {
        return provider == client ? body : Buffer.buffer(Wire.answer(provider, client, body.getBytes(), about));
    }

    /** Frames for an event; empty where it says nothing to the client. */
    String event(Event event) {
        if (dropsUsage && IncludeUsage.isUsageOnly(event.data())) {
            return "";
        }
        return String.join("", stream.feed(event.type(), event.data()));
    }

    /** Whether the answer failed and the client's form has no end that says so. */
    boolean failedUnseen() {
        return stream.isBroken() && !client.endsFailures();
    }

    /** The last frames. */
    String end(Optional<ApiError> why) {
        if (why.isPresent()) {
            return String.join("", stream.failure(why.get()));
        }
        // Some providers end a complete answer without the word that clients wait for.
        return provider == client && client == Form.OPENAI_CHAT
                ? String.join("", stream.feed("message", "[DONE]"))
                : String.join("", stream.end());
    }
}
