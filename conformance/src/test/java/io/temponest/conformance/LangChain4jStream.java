package io.temponest.conformance;

import dev.langchain4j.model.chat.StreamingChatModel;
import dev.langchain4j.model.chat.request.ChatRequest;
import dev.langchain4j.model.chat.response.ChatResponse;
import dev.langchain4j.model.chat.response.CompleteToolCall;
import dev.langchain4j.model.chat.response.PartialResponse;
import dev.langchain4j.model.chat.response.PartialResponseContext;
import dev.langchain4j.model.chat.response.StreamingChatResponseHandler;
import java.util.Objects;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** One stream of LangChain4j, which comes on a thread of its own. */
final class LangChain4jStream implements StreamingChatResponseHandler {

    private static final long LIMIT_S = 40;

    private final Ask ask;
    private final Hearing hearing;
    private final CompletableFuture<String> over = new CompletableFuture<>();
    private String call = "";

    LangChain4jStream(Ask ask, Hearing hearing) {
        this.ask = ask;
        this.hearing = hearing;
    }

    /** The tool's call, where one came. */
    String read(StreamingChatModel model, ChatRequest request) {
        model.chat(request, this);
        try {
            return over.get(LIMIT_S, TimeUnit.SECONDS);
        } catch (ExecutionException e) {
            hearing.failed(LangChain4j.told(Objects.requireNonNull(e.getCause())));
            return "";
        } catch (TimeoutException e) {
            throw new IllegalStateException("the stream did not end", e);
        } catch (InterruptedException e) {
            Thread.currentThread().interrupt();
            throw new IllegalStateException(e);
        }
    }

    @Override
    public void onPartialResponse(PartialResponse piece, PartialResponseContext context) {
        hearing.heard(piece.text());
        if (ask.verb() == Verb.HANG_UP) {
            context.streamingHandle().cancel();
            over.complete("");
        }
    }

    @Override
    public void onCompleteToolCall(CompleteToolCall complete) {
        call = complete.toolExecutionRequest().name() + " "
                + complete.toolExecutionRequest().arguments();
    }

    @Override
    public void onCompleteResponse(ChatResponse response) {
        over.complete(call);
    }

    @Override
    public void onError(Throwable error) {
        over.completeExceptionally(error);
    }
}
