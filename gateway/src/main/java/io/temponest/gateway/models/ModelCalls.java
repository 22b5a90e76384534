package io.temponest.gateway.models;

import com.fasterxml.jackson.databind.node.ObjectNode;
import io.temponest.gateway.answers.AnswerCache;
import io.temponest.gateway.answers.AnswerCache.Found;
import io.temponest.gateway.answers.CacheWish;
import io.temponest.gateway.answers.Kept;
import io.temponest.gateway.answers.Question;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.http.SseStream;
import io.temponest.gateway.limit.RouteClass;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.Principal;
import io.temponest.json.Json;
import io.temponest.model.Cancellation;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.model.relay.Relay;
import io.temponest.model.relay.RelayCall;
import io.temponest.model.relay.RelayFailure;
import io.temponest.model.relay.Relayed;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.RequestScan;
import io.temponest.model.wire.Wire;
import io.temponest.model.wire.answer.Answering;
import io.temponest.spend.Account;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.InstantSource;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/** Calls to models in the forms of OpenAI's and Anthropic's APIs, whoever answers them. */
public final class ModelCalls {

    /** What clients ask for with {@code anthropic-beta} is theirs and the provider's; some say here too that they do. */
    static final Set<String> BETA = Set.of("beta");

    private static final Duration PATIENCE = Duration.ofMinutes(10);
    private static final String CACHE = "x-temponest-cache";

    private final Relay relay;
    private final ModelChoice choice;
    private final AgentAnswers agents;
    private final LongCalls calls;
    private final KeptAnswers kept;

    /** Answers that are kept, and what it takes to give one again. */
    public record KeptAnswers(AnswerCache cache, Ids ids, InstantSource clock) {}

    public ModelCalls(Relay relay, ModelChoice choice, AgentAnswers agents, LongCalls calls, KeptAnswers kept) {
        this.relay = relay;
        this.choice = choice;
        this.agents = agents;
        this.calls = calls;
        this.kept = kept;
    }

    public List<Endpoint> all() {
        return List.of(
                endpoint("/v1/chat/completions", call -> answer(call, Operation.CHAT, Form.OPENAI_CHAT)),
                endpoint("/v1/responses", call -> answer(call, Operation.CHAT, Form.OPENAI_RESPONSES)),
                endpoint("/v1/messages", this::message).with(BETA).anthropic(),
                endpoint("/v1/embeddings", call -> answer(call, Operation.EMBEDDINGS, Form.OPENAI_CHAT)));
    }

    private static Endpoint endpoint(String path, Endpoint.Handler handler) {
        return Endpoint.post(path, Access.needs(Permission.MODELS_USE), BodyKind.LARGE_JSON, handler)
                .limited(RouteClass.MODEL)
                .spendingTokens()
                .lasting(PATIENCE);
    }

    /** A call with what was found out about it. */
    private record Asked(
            Operation operation, Form form, RequestScan scan, ModelChoice.Targets targets, Cancellation cancellation) {}

    private Future<Answer> message(Call call) {
        checkBeta(call);
        return answer(call, Operation.CHAT, Form.ANTHROPIC_MESSAGES);
    }

    static void checkBeta(Call call) {
        call.query().choice("beta", Set.of("true", "false"));
    }

    private Future<Answer> answer(Call call, Operation operation, Form form) {
        byte[] body = call.rawBody().getBytes();
        Optional<CacheWish> wish = operation == Operation.CHAT ? CacheWish.read(call::header) : Optional.empty();
        // What is embedded stands where the Responses API has its conversation.
        Form scanned = operation == Operation.EMBEDDINGS ? Form.OPENAI_RESPONSES : form;
        return call.offLoop(body.length, () -> RequestScan.of(scanned, body)).compose(scan -> {
            Optional<String> agent = AgentAnswers.agent(scan.model());
            if (agent.isPresent() && operation == Operation.CHAT) {
                return agents.answer(call, new AgentAnswers.Wanted(agent.get(), form, scan));
            }
            Cancellation cancellation = new Cancellation();
            call.whenOver(cancellation::cancel);
            if (scan.stream()) {
                LongCalls.Entry place = calls.admit(call.tenant(), call.mostStreams());
                call.whenOver(place::close);
                place.onStop(cancellation::cancel);
            }
            return choice.targets(operation, scan.model()).compose(targets -> {
                Asked asked = new Asked(operation, form, scan, targets, cancellation);
                return wish.map(how -> known(call, asked, how))
                        .orElseGet(() -> relay(call, asked, false)
                                .map(relayed -> answer(call, relayed, cancellation, Map.of())));
            });
        });
    }

    /** An answer that is kept, or a new one that will be. */
    private Future<Answer> known(Call call, Asked asked, CacheWish wish) {
        byte[] body = call.rawBody().getBytes();
        return call.offLoop(
                        body.length,
                        () -> Question.of(asked.form(), asked.targets().models(), body))
                .compose(question -> kept.cache()
                        .find(call.tenant(), question, wish, call.deadline())
                        .compose(found -> switch (found) {
                            case Found.Same(Kept same) -> again(call, asked, same, Map.of(CACHE, "hit"));
                            case Found.Alike(Kept alike, double similarity) ->
                                again(
                                        call,
                                        asked,
                                        alike,
                                        Map.of(
                                                CACHE,
                                                "semantic",
                                                "x-temponest-cache-similarity",
                                                String.format(Locale.ROOT, "%.4f", similarity)));
                            case Found.Nothing(var vector) ->
                                relay(call, asked, true).map(relayed -> {
                                    relayed.settled()
                                            .onSuccess(done -> done.answer()
                                                    .ifPresent(answer -> kept.cache()
                                                            .keep(
                                                                    call.tenant(),
                                                                    question,
                                                                    vector,
                                                                    new Kept(
                                                                            answer,
                                                                            relayed.info()
                                                                                    .model(),
                                                                            kept.clock()
                                                                                    .instant()))));
                                    return answer(call, relayed, asked.cancellation(), Map.of(CACHE, "miss"));
                                });
                        }));
    }

    /** Gives a kept answer, whole or as a stream, whichever it was. Nobody is asked, and nothing is spent. */
    private Future<Answer> again(Call call, Asked asked, Kept answer, Map<String, String> how) {
        if (asked.form() != Form.OPENAI_RESPONSES) {
            return Future.succeededFuture(again(call, asked, answer, how, Json.STRICT.createObjectNode()));
        }
        byte[] body = call.rawBody().getBytes();
        return call.offLoop(body.length, () -> Answering.echo(body)).map(echo -> again(call, asked, answer, how, echo));
    }

    private Answer again(Call call, Asked asked, Kept answer, Map<String, String> how, ObjectNode echo) {
        Answering about = new Answering(
                kept.ids().next(Kind.USAGE).suffix(),
                kept.clock().instant().getEpochSecond(),
                answer.model().toString(),
                call.requestId(),
                asked.scan().includeUsage(),
                echo);
        Map<String, String> headers = headers(call, new Relayed.Info(answer.model(), 0, Duration.ZERO), how);
        if (asked.scan().stream()) {
            Buffer frames = Buffer.buffer(Wire.frames(answer.answer(), asked.form(), about));
            return new Answer.Events(headers, stream -> stream.sendRaw(frames).onComplete(sent -> stream.end()));
        }
        return new Answer.Ready(
                "application/json", Buffer.buffer(Wire.whole(answer.answer(), asked.form(), about)), headers);
    }

    private Future<Relayed> relay(Call call, Asked asked, boolean recorded) {
        return relay.call(new RelayCall(
                        asked.operation(),
                        asked.form(),
                        call.rawBody(),
                        call.requestId(),
                        asked.scan(),
                        payer(call.principal()),
                        asked.targets().models(),
                        false,
                        asked.targets().hedge(),
                        call.deadline(),
                        asked.cancellation(),
                        recorded))
                .onFailure(failure -> hint(call, failure));
    }

    private static Account payer(Principal by) {
        return new Account(
                by.tenant(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                Optional.empty(),
                by.user(),
                by.apiKey());
    }

    private static Map<String, String> headers(Call call, Relayed.Info info, Map<String, String> more) {
        long overheadMs = Math.max(0, call.elapsed().minus(info.upstream()).toMillis());
        Map<String, String> headers = new HashMap<>(more);
        headers.put("x-temponest-model", info.model().toString());
        headers.put("x-temponest-attempts", Integer.toString(info.attempts()));
        headers.put("x-temponest-overhead-ms", Long.toString(overheadMs));
        return headers;
    }

    private static Answer answer(Call call, Relayed relayed, Cancellation cancellation, Map<String, String> more) {
        Map<String, String> headers = headers(call, relayed.info(), more);
        return switch (relayed) {
            case Relayed.Whole(var about, Buffer body, var settled) ->
                new Answer.Ready("application/json", body, headers);
            case Relayed.Streaming(var about, var source, var settled) ->
                new Answer.Events(headers, stream -> {
                    stream.onClose(cancellation::cancel);
                    source.accept(new ToClient(stream));
                });
        };
    }

    private record ToClient(SseStream stream) implements Relayed.Sink {

        @Override
        public Future<Void> frames(Buffer frames) {
            return stream.sendRaw(frames);
        }

        @Override
        public void end() {
            stream.end();
        }

        @Override
        public void breakOff() {
            stream.breakOff();
        }
    }

    /** All that could be tried was tried: a client that tries the same again helps nobody, unless it was told when. */
    private static void hint(Call call, Throwable failure) {
        if (failure instanceof RelayFailure known) {
            known.retryAfter().ifPresentOrElse(call::retryAfter, call::noRetry);
        }
    }
}
