package io.temponest.node;

import static org.assertj.core.api.Assertions.assertThat;

import io.opentelemetry.api.common.Attributes;
import io.opentelemetry.api.trace.SpanId;
import io.opentelemetry.api.trace.SpanKind;
import io.opentelemetry.api.trace.TraceId;
import io.opentelemetry.context.Context;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.opentelemetry.sdk.trace.samplers.SamplingDecision;
import io.vertx.core.spi.tracing.TagExtractor;
import io.vertx.core.spi.tracing.VertxTracer;
import io.vertx.core.tracing.TracingPolicy;
import java.util.List;
import java.util.Map;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.DoubleRange;
import net.jqwik.api.constraints.Scale;
import org.junit.jupiter.api.Test;

class KeptTracesTest {

    /** Says that it was asked to begin a span. */
    private static final class Asked implements VertxTracer<String, String> {
        @Override
        public <R> String receiveRequest(
                io.vertx.core.Context context,
                io.vertx.core.spi.tracing.SpanKind kind,
                TracingPolicy policy,
                R request,
                String operation,
                Iterable<Map.Entry<String, String>> headers,
                TagExtractor<R> tags) {
            return "span";
        }
    }

    private static boolean kept(double share, List<Map.Entry<String, String>> headers) {
        // The context is passed on only.
        io.vertx.core.Vertx vertx = io.vertx.core.Vertx.vertx();
        try {
            return new KeptTraces(share)
                            .of(new Asked())
                            .receiveRequest(
                                    vertx.getOrCreateContext(),
                                    io.vertx.core.spi.tracing.SpanKind.RPC,
                                    TracingPolicy.ALWAYS,
                                    "request",
                                    "GET",
                                    headers,
                                    TagExtractor.empty())
                    != null;
        } finally {
            vertx.close().await();
        }
    }

    private static boolean sampled(double share, String trace) {
        return Sampler.traceIdRatioBased(share)
                        .shouldSample(Context.root(), trace, "GET", SpanKind.SERVER, Attributes.empty(), List.of())
                        .getDecision()
                == SamplingDecision.RECORD_AND_SAMPLE;
    }

    @Property(tries = 200)
    void aTraceThatBeginsHereIsKeptByEveryNode(@ForAll @DoubleRange(min = 1e-6, max = 1) @Scale(9) double share) {
        String id = new KeptTraces(share).ids().generateTraceId();
        assertThat(TraceId.isValid(id)).isTrue();
        assertThat(sampled(share, id)).isTrue();
    }

    @Test
    void aClientsTraceIsKeptByItsIdAlone() {
        List<String> ids = IntStream.range(0, 40)
                .mapToObj(i -> TraceId.fromLongs(i + 1, (Long.MAX_VALUE / 40) * i + 1))
                .toList();
        assertThat(ids).allSatisfy(id -> {
            for (String flag : List.of("00", "01")) {
                String parent = "00-" + id + "-" + SpanId.fromLong(7) + "-" + flag;
                assertThat(kept(0.3, List.of(Map.entry("Traceparent", parent))))
                        .as(parent)
                        .isEqualTo(sampled(0.3, id));
            }
        });
    }

    @Test
    void whatIsNoTraceIsAsIfThereWereNone() {
        List<Map.Entry<String, String>> malformed =
                List.of(Map.entry("traceparent", "00-zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz-00f067aa0ba902b7-01"));
        assertThat(kept(1, malformed)).isTrue();
        assertThat(kept(0, malformed)).isFalse();
        assertThat(kept(1, List.of(Map.entry("traceparent", "00-")))).isTrue();
        assertThat(kept(0, List.of())).isFalse();
    }
}
