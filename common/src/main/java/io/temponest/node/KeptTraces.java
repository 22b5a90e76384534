package io.temponest.node;

import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.sdk.trace.IdGenerator;
import io.vertx.core.Context;
import io.vertx.core.spi.tracing.SpanKind;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.Map;
import java.util.concurrent.ThreadLocalRandom;
import java.util.function.BiConsumer;
import org.jspecify.annotations.Nullable;

/**
 * Which traces are kept, decided before their first span, as most are not and should cost nothing. The id of a trace alone
 * decides, as {@link io.opentelemetry.sdk.trace.samplers.Sampler#traceIdRatioBased} has it, and so every node decides the same; a
 * trace that begins here and is to be kept is given an id accordingly. Safe for use by any context.
 */
final class KeptTraces {

    private static final int ID_DIGITS = 32;
    private static final int HALF = 16;
    private static final int HEX = 16;
    private static final String PARENT = "traceparent";
    private static final int ID_BEGINS = "00-".length();

    private final double share;
    private final long bound;

    /** @param share from 0 to 1 */
    KeptTraces(double share) {
        this.share = share;
        this.bound = (long) (share * Long.MAX_VALUE);
    }

    /** @param lower the second half of a trace's id */
    private boolean kept(long lower) {
        return share >= 1 || Math.abs(lower) < bound;
    }

    /** Whether the trace of a request that comes in is kept: its client's, or else one that begins now. */
    private boolean kept(Iterable<Map.Entry<String, String>> headers) {
        for (Map.Entry<String, String> header : headers) {
            if (header.getKey().equalsIgnoreCase(PARENT)) {
                String parent = header.getValue();
                if (parent.length() < ID_BEGINS + ID_DIGITS) {
                    break;
                }
                try {
                    return kept(Long.parseUnsignedLong(parent, ID_BEGINS + HALF, ID_BEGINS + ID_DIGITS, HEX));
                } catch (NumberFormatException e) {
                    // As if there were none: the standard has it so.
                    break;
                }
            }
        }
        return ThreadLocalRandom.current().nextDouble() < share;
    }

    /** Gives traces that begin here ids by which every node keeps them. */
    IdGenerator ids() {
        return new IdGenerator() {
            @Override
            public String generateTraceId() {
                ThreadLocalRandom random = ThreadLocalRandom.current();
                return TraceId.fromLongs(random.nextLong(), random.nextLong(1, Math.max(2, bound)));
            }

            @Override
            public String generateSpanId() {
                return SpanId.fromLong(ThreadLocalRandom.current().nextLong(1, Long.MAX_VALUE));
            }
        };
    }

    /** A tracer that is asked of kept traces only. */
    <I, O> VertxTracer<I, O> of(VertxTracer<I, O> all) {
        return new VertxTracer<>() {
            @Override
            public <R> @Nullable I receiveRequest(
                    Context context,
                    SpanKind kind,
                    TracingPolicy policy,
                    R request,
                    String operation,
                    Iterable<Map.Entry<String, String>> headers,
                    TagExtractor<R> tags) {
                return kept(headers)
                        ? all.receiveRequest(context, kind, policy, request, operation, headers, tags)
                        : null;
            }

            @Override
            public <R> void sendResponse(
                    Context context,
                    @Nullable R response,
                    @Nullable I payload,
                    @Nullable Throwable failure,
                    TagExtractor<R> tags) {
                if (payload != null) {
                    all.sendResponse(context, response, payload, failure, tags);
                }
            }

            @Override
            public <R> @Nullable O sendRequest(
                    Context context,
                    SpanKind kind,
                    TracingPolicy policy,
                    R request,
                    String operation,
                    BiConsumer<String, String> headers,
                    TagExtractor<R> tags) {
                return all.sendRequest(context, kind, policy, request, operation, headers, tags);
            }

            @Override
            public <R> void receiveResponse(
                    Context context,
                    @Nullable R response,
                    @Nullable O payload,
                    @Nullable Throwable failure,
                    TagExtractor<R> tags) {
                if (payload != null) {
                    all.receiveResponse(context, response, payload, failure, tags);
                }
            }

            @Override
            public void close() {
                all.close();
            }
        };
    }
}
