package io.temponest.gateway.costs;

import io.temponest.identity.TypeId;
import io.temponest.json.Json;
import io.temponest.spend.LedgerEntry;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import java.time.Instant;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;

/** How the calls of an export are written. */
enum ExportFormat {

    /** RFC 4180 with a header; see {@link Csv} for what spreadsheets would take for a formula. */
    CSV("text/csv; charset=utf-8; header=present") {
        @Override
        String begin() {
            return Csv.line(List.of(
                    "id",
                    "created_at",
                    "status",
                    "provider",
                    "model",
                    "agent_id",
                    "project_id",
                    "user_id",
                    "api_key_id",
                    "run_id",
                    "step",
                    "input_tokens",
                    "cached_input_tokens",
                    "output_tokens",
                    "estimated",
                    "cost_usd",
                    "latency_ms"));
        }

        @Override
        String row(LedgerEntry call, boolean first) {
            return Csv.line(List.of(
                    call.id().toString(),
                    Json.time(call.createdAt()),
                    call.status(),
                    call.provider(),
                    call.model(),
                    text(call.agent()),
                    text(call.project()),
                    text(call.user()),
                    text(call.apiKey()),
                    text(call.run()),
                    text(call.step()),
                    Long.toString(call.usage().inputTokens()),
                    Long.toString(call.usage().cachedInputTokens()),
                    Long.toString(call.usage().outputTokens()),
                    Boolean.toString(call.usage().estimated()),
                    call.costUsd().toString(),
                    Integer.toString(call.latencyMs())));
        }

        @Override
        String end() {
            return "";
        }
    },

    /** One list of all. */
    JSON("application/json") {
        @Override
        String begin() {
            return "{\"object\":\"list\",\"data\":[";
        }

        @Override
        String row(LedgerEntry call, boolean first) {
            return (first ? "\n" : ",\n") + Json.text(CallView.of(call));
        }

        @Override
        String end() {
            return "\n]}\n";
        }
    };

    static final Set<String> NAMES =
            Arrays.stream(values()).map(ExportFormat::toString).collect(Collectors.toUnmodifiableSet());

    private final String contentType;

    ExportFormat(String contentType) {
        this.contentType = contentType;
    }

    private record CallView(
            TypeId id,
            String object,
            Instant createdAt,
            String status,
            String provider,
            String model,
            Optional<TypeId> agentId,
            Optional<TypeId> projectId,
            Optional<TypeId> userId,
            Optional<TypeId> apiKeyId,
            Optional<TypeId> runId,
            Optional<Integer> step,
            Usage usage,
            Usd costUsd,
            int latencyMs) {

        static CallView of(LedgerEntry call) {
            return new CallView(
                    call.id(),
                    "model_call",
                    call.createdAt(),
                    call.status(),
                    call.provider(),
                    call.model(),
                    call.agent(),
                    call.project(),
                    call.user(),
                    call.apiKey(),
                    call.run(),
                    call.step(),
                    call.usage(),
                    call.costUsd(),
                    call.latencyMs());
        }
    }

    abstract String begin();

    /** @param first of all */
    abstract String row(LedgerEntry call, boolean first);

    abstract String end();

    String contentType() {
        return contentType;
    }

    private static String text(Optional<?> value) {
        return value.map(Object::toString).orElse("");
    }

    static ExportFormat of(String name) {
        return valueOf(name.toUpperCase(Locale.ROOT));
    }

    @Override
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
