package io.temponest.gateway.runs;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.agent.Agent;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.error.ApiError;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.LongCalls;
import io.temponest.gateway.models.AgentAnswers;
import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.model.Message;
import io.temponest.model.Message.Role;
import io.temponest.model.wire.Form;
import io.temponest.model.wire.Wire;
import io.temponest.model.wire.answer.Answering;
import io.temponest.run.NewRun;
import io.temponest.run.Run;
import io.temponest.run.RunAddresses;
import io.temponest.run.RunAddresses.Cancel;
import io.temponest.run.RunAddresses.RunReady;
import io.temponest.run.RunRequest;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Agents as models: a conversation becomes a run, and the run's answer a completion. The run is a run like any other, durable and
 * with a journal; when the client goes away it is cancelled.
 */
public final class AgentCompletions implements AgentAnswers {

    private static final Duration PATIENCE = Duration.ofMinutes(10);

    private final StartEndpoint.Parts parts;
    private final Bus bus;
    private final RunStreams streams;

    public AgentCompletions(StartEndpoint.Parts parts, Bus bus, RunEndpoints following) {
        this.parts = parts;
        this.bus = bus;
        this.streams = following.streams();
    }

    @Override
    public Future<Answer> answer(Call call, Wanted wanted) {
        if (wanted.scan().tools()) {
            throw Fields.invalid("tools", "cannot be given to an agent, which has tools of its own");
        }
        if (wanted.scan().responseFormat()) {
            throw Fields.invalid("response_format", "cannot be given to an agent");
        }
        if (wanted.scan().n() > 1) {
            throw Fields.invalid("n", "must be 1 for an agent");
        }
        byte[] body = call.rawBody().getBytes();
        LongCalls.Entry place = streams.admit(call);
        return call.offLoop(body.length, () -> messages(wanted, body))
                .compose(messages -> parts.agents()
                        .find(call.tenant(), wanted.agent())
                        .compose(agent -> create(
                                call,
                                messages,
                                agent.orElseThrow(() -> unknown(wanted.agent()).exception()))))
                .compose(run -> follow(place, call, wanted, run));
    }

    private static ApiError unknown(String agent) {
        return new ApiError(
                ErrorType.NOT_FOUND_ERROR, "No agent '%s'.".formatted(agent), Optional.of("model"), "model_not_found");
    }

    private static List<Message> messages(Wanted wanted, byte[] body) {
        byte[] chat = wanted.form() == Form.OPENAI_CHAT
                ? body
                : Wire.request(wanted.form(), Form.OPENAI_CHAT, body, wanted.agent());
        List<Message> messages = new ArrayList<>();
        for (JsonNode message : Json.read(chat, JsonNode.class).path("messages")) {
            messages.add(new Message(role(message.path("role").asText()), content(message.path("content"))));
        }
        if (messages.isEmpty() || messages.getLast().role() != Role.USER) {
            throw Fields.invalid("messages", "must end with a message of the user");
        }
        return messages;
    }

    private static Role role(String text) {
        return switch (text) {
            case "user" -> Role.USER;
            case "assistant" -> Role.ASSISTANT;
            case "system", "developer" -> Role.SYSTEM;
            default ->
                throw Fields.invalid("messages", "may only have the roles system, user and assistant for an agent");
        };
    }

    private static String content(JsonNode content) {
        if (content.isTextual()) {
            return content.textValue();
        }
        StringBuilder text = new StringBuilder();
        for (JsonNode part : content) {
            if (!part.path("text").isTextual()) {
                throw Fields.invalid("messages", "may only hold texts for an agent");
            }
            text.append(part.path("text").textValue());
        }
        return text.toString();
    }

    private Future<Run> create(Call call, List<Message> messages, Agent agent) {
        RunRequest request = new RunRequest(messages, Optional.empty(), List.of(), Optional.empty());
        Duration deadline = Duration.ofMillis(call.deadline().remainingMillis());
        Changes changes = parts.changes();
        Run[] made = new Run[1];
        return parts.models()
                .resolve(Optional.empty(), agent.spec().model())
                .map(model -> new NewRun(agent, Optional.empty(), request, model, deadline))
                .compose(run -> changes.change(
                        call,
                        sql -> parts.runs().create(sql, call.principal(), run).map(created -> {
                            made[0] = created;
                            return Made.of(new Answer.Empty())
                                    .then(() -> bus.nudgeAll(RunAddresses.READY, new RunReady(created.id())));
                        })))
                .map(done -> made[0]);
    }

    private Future<Answer> follow(LongCalls.Entry place, Call call, Wanted wanted, Run run) {
        Answering about = new Answering(
                run.id().suffix(),
                Instant.now().getEpochSecond(),
                wanted.scan().model(),
                call.requestId(),
                wanted.scan().includeUsage(),
                wanted.form() == Form.OPENAI_RESPONSES
                        ? Answering.echo(call.rawBody().getBytes())
                        : Json.STRICT.createObjectNode());
        Map<String, String> headers = Map.of("x-temponest-run", run.id().toString());
        if (wanted.scan().stream()) {
            return Future.succeededFuture(new Answer.Events(
                    headers,
                    stream -> streams.complete(
                            place,
                            stream,
                            new RunStreams.From(call.tenant(), run.id(), 0),
                            new RunFrames(wanted.form(), about),
                            () -> cancel(call, run.id()))));
        }
        boolean[] over = {false};
        call.whenOver(() -> {
            if (!over[0]) {
                cancel(call, run.id());
            }
        });
        return streams.await(place, call, run, PATIENCE).map(seen -> {
            over[0] = seen.status().terminal();
            return new Answer.Ready(
                    "application/json", Buffer.buffer(RunFrames.whole(wanted.form(), about, seen)), headers);
        });
    }

    /** Nobody waits for it any more. */
    private void cancel(Call call, TypeId run) {
        bus.ask(
                        RunAddresses.CANCEL,
                        new Cancel(call.tenant(), run, call.actor()),
                        Deadline.after(Duration.ofSeconds(5)))
                .otherwiseEmpty();
    }
}
