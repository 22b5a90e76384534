package io.temponest.webhook;

import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/** Every event that is published. Whoever writes one in SQL adds it here; what it is written with becomes its data. */
public enum EventType {
    RUN_QUEUED("A run was made, or waits for a worker again."),
    RUN_STARTED("A worker has taken a run."),
    RUN_SUCCEEDED("A run has ended as it should."),
    RUN_FAILED("A run has failed; `error` says why."),
    RUN_CANCELLED("Somebody has cancelled a run."),
    RUN_TIMED_OUT("A run did not end within its deadline."),
    RUN_DEAD("A run was lost with its workers too often and is given up."),
    RUN_WAITING("A run waits for people, a time or other runs."),
    RUN_PAUSED("Somebody holds a run back."),
    RUN_RESUMED("Somebody lets a paused run go on."),
    STEP_STARTED("A run asks a model, or calls a tool."),
    STEP_COMPLETED("A step of a run has ended, well or not."),
    APPROVAL_REQUESTED("People are asked whether a run may begin, call a tool, or what became of a call."),
    APPROVAL_VOTED("Somebody has voted, and more votes are needed."),
    APPROVAL_EDITED("The arguments of a call have changed; earlier votes are void."),
    APPROVAL_APPROVED("What was asked for may happen."),
    APPROVAL_REJECTED("Somebody has said no."),
    APPROVAL_ANSWERED("Somebody has said what became of a call."),
    APPROVAL_EXPIRED("Nobody decided in time."),
    APPROVAL_ESCALATED("Nobody decided in time; there is as much time again."),
    APPROVAL_REMINDER("An approval still waits."),
    BUDGET_WARNING("A budget has reached a threshold below 90 %."),
    BUDGET_CRITICAL("A budget has reached a threshold from 90 % on."),
    BUDGET_EXCEEDED("A budget is used up."),
    DOCUMENT_INDEXED("A document can be found."),
    DOCUMENT_FAILED("A document could not be read; `error` says why."),
    /** Sent to one endpoint because somebody asked for it, whatever its filter. */
    WEBHOOK_TEST("Somebody tries an endpoint.");

    /** All of the types that an endpoint may choose, and families of them, as filters write them. */
    private static final Set<String> CHOICES = Arrays.stream(values())
            .filter(type -> type != WEBHOOK_TEST)
            .flatMap(type -> java.util.stream.Stream.of(type.text, type.family() + ".*", "*"))
            .collect(Collectors.toUnmodifiableSet());

    private final String text;
    private final String meaning;

    EventType(String meaning) {
        // RUN_TIMED_OUT has its separator at the first underscore.
        int separator = name().indexOf('_');
        this.text = (name().substring(0, separator) + "." + name().substring(separator + 1)).toLowerCase(Locale.ROOT);
        this.meaning = meaning;
    }

    /** Whether a filter may hold this text: a type, {@code run.*} and the like, or {@code *}. */
    public static boolean isChoice(String text) {
        return CHOICES.contains(text);
    }

    public String family() {
        return text.substring(0, text.indexOf('.'));
    }

    public String meaning() {
        return meaning;
    }

    @Override
    @JsonValue
    public String toString() {
        return text;
    }
}
