package io.temponest.model.wire.answer;

import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** An answer as it grows: what its pieces make together. Not for several threads. */
public final class Answer {

    /** A stretch of one kind. */
    public sealed interface Block {

        /** Text of the answer. */
        record Text(String text) implements Block {}

        /** Text that says why there is no answer. */
        record Refusal(String text) implements Block {}

        /** Reasoning; the signature is empty where there is none. */
        record Thinking(String text, String signature) implements Block {}

        /** A tool call; without arguments an empty object. */
        record Call(String id, String name, String arguments) implements Block {}
    }

    private static final Piece.Thinking UNSPOKEN = new Piece.Thinking("");

    private final List<Block> done = new ArrayList<>();
    private final StringBuilder text = new StringBuilder();
    private String signature = "";
    private Optional<Piece.Content> open = Optional.empty();
    private Optional<Piece.Stopped> stopped = Optional.empty();
    private Optional<Tokens> tokens = Optional.empty();

    /** Whether a piece would begin a block, and so end the one that is being written. */
    public boolean wouldBegin(Piece piece) {
        return switch (piece) {
            case Piece.Call call -> true;
            case Piece.Thinking thinking -> begins(thinking) || !signature.isEmpty();
            case Piece.Signature signed -> begins(UNSPOKEN) || !signature.isEmpty();
            case Piece.Content content -> begins(content);
            default -> false;
        };
    }

    private boolean begins(Piece.Content piece) {
        return open.filter(same -> same.getClass() == piece.getClass()).isEmpty();
    }

    /** Adds a piece; says whether it begins a block. */
    public boolean add(Piece piece) {
        boolean begins = wouldBegin(piece);
        if (begins) {
            close();
            open = Optional.of(piece instanceof Piece.Content content ? content : UNSPOKEN);
        }
        switch (piece) {
            case Piece.Text more -> text.append(more.text());
            case Piece.Refusal more -> text.append(more.text());
            case Piece.Thinking more -> text.append(more.text());
            case Piece.Arguments more -> text.append(more.json());
            case Piece.Signature signed -> signature = signed.signature();
            case Piece.Stopped how -> stopped = Optional.of(how);
            case Piece.Used used -> tokens = Optional.of(used.tokens());
            case Piece.Call call -> {}
            case Piece.Ended ended -> {}
            case Piece.Broken broken -> {}
        }
        return begins;
    }

    private void close() {
        open.ifPresent(piece -> done.add(block(piece)));
        open = Optional.empty();
        text.setLength(0);
        signature = "";
    }

    private Block block(Piece.Content piece) {
        return switch (piece) {
            case Piece.Text begun -> new Block.Text(text.toString());
            case Piece.Refusal begun -> new Block.Refusal(text.toString());
            case Piece.Thinking begun -> new Block.Thinking(text.toString(), signature);
            case Piece.Call call -> new Block.Call(call.id(), call.name(), text.isEmpty() ? "{}" : text.toString());
        };
    }

    /** The blocks so far, in order, the last one as far as it came. */
    public List<Block> blocks() {
        List<Block> all = new ArrayList<>(done);
        open.ifPresent(piece -> all.add(block(piece)));
        return all;
    }

    /** The block that is being written. */
    public Optional<Block> last() {
        return open.map(this::block);
    }

    /** Why it ended; some providers end tool calls like any answer. */
    public Stop stop() {
        Stop stop = stopped.map(Piece.Stopped::stop).orElse(Stop.END);
        boolean called = blocks().stream().anyMatch(block -> block instanceof Block.Call);
        return stop == Stop.END && called ? Stop.TOOL_CALLS : stop;
    }

    /** Whether the provider said why it stopped; without that a stream that ends has broken off. */
    public boolean isStopped() {
        return stopped.isPresent();
    }

    public Optional<String> stopSequence() {
        return stopped.flatMap(Piece.Stopped::sequence);
    }

    public Optional<Tokens> tokens() {
        return tokens;
    }
}
