package io.temponest.node;

import io.opentelemetry.api.common.AttributeKey;
import io.opentelemetry.api.trace.propagation.W3CTraceContextPropagator;
import io.opentelemetry.context.propagation.ContextPropagators;
import io.opentelemetry.exporter.otlp.http.trace.OtlpHttpSpanExporter;
import io.opentelemetry.sdk.OpenTelemetrySdk;
import io.opentelemetry.sdk.resources.Resource;
import io.opentelemetry.sdk.trace.SdkTracerProvider;
import io.opentelemetry.sdk.trace.export.BatchSpanProcessor;
import io.opentelemetry.sdk.trace.samplers.Sampler;
import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.VertxBuilder;
import io.vertx.core.VertxOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryOptions;
import io.vertx.tracing.opentelemetry.OpenTelemetryTracingFactory;
import java.net.URI;
import java.time.Duration;
import java.util.Locale;
import java.util.Optional;

/**
 * Spans of HTTP, the bus and SQL, sent by OTLP over HTTP. What does not fit into the queue is dropped: tracing holds nothing up.
 * Whether a trace is kept is decided by its id alone, the same on every node, and never by who calls.
 */
public final class Tracing {

    private static final int QUEUE = 8_192;
    private static final Duration EXPORT_LIMIT = Duration.ofSeconds(5);

    private final Optional<OpenTelemetrySdk> sdk;
    private final KeptTraces kept;

    private Tracing(Optional<OpenTelemetrySdk> sdk, KeptTraces kept) {
        this.sdk = sdk;
        this.kept = kept;
    }

    /**
     * Where spans go.
     *
     * @param endpoint of a collector, such as {@code http://127.0.0.1:4318}
     * @param share of the traces that are kept, 0 to 1
     */
    record Config(URI endpoint, double share) {

        static Optional<Config> read(Environment environment) {
            double share = environment
                    .parsed(Setting.TRACE_SHARE, Config::share)
                    .orElse(Double.valueOf(Setting.TRACE_SHARE.standard()));
            return environment
                    .parsed(Setting.OTLP_ENDPOINT, Config::endpoint)
                    .map(endpoint -> new Config(endpoint, share));
        }

        private static URI endpoint(String text) {
            URI uri = URI.create(text.endsWith("/") ? text.substring(0, text.length() - 1) : text);
            if (uri.getHost() == null || !String.valueOf(uri.getScheme()).matches("https?")) {
                throw new IllegalArgumentException("must be the URL of a collector, such as http://127.0.0.1:4318");
            }
            return uri;
        }

        private static double share(String text) {
            double share;
            try {
                share = Double.parseDouble(text);
            } catch (NumberFormatException e) {
                throw new IllegalArgumentException("must be a number from 0 to 1, not '" + text + "'", e);
            }
            if (share >= 0 && share <= 1) {
                return share;
            }
            throw new IllegalArgumentException(String.format(Locale.ROOT, "must be from 0 to 1, not %s", text));
        }
    }

    static Tracing start(Optional<Config> config) {
        KeptTraces kept = new KeptTraces(config.map(Config::share).orElse(0.0));
        return new Tracing(config.map(set -> sdk(set, kept)), kept);
    }

    private static OpenTelemetrySdk sdk(Config config, KeptTraces kept) {
        OtlpHttpSpanExporter exporter = OtlpHttpSpanExporter.builder()
                .setEndpoint(config.endpoint() + "/v1/traces")
                .setTimeout(EXPORT_LIMIT)
                .build();
        SdkTracerProvider provider = SdkTracerProvider.builder()
                .setResource(Resource.getDefault()
                        .merge(Resource.builder()
                                .put(AttributeKey.stringKey("service.name"), "temponest")
                                .build()))
                // Not based on the parent: the same id gives the same answer everywhere, whatever a client says.
                .setSampler(Sampler.traceIdRatioBased(config.share()))
                .setIdGenerator(kept.ids())
                .addSpanProcessor(BatchSpanProcessor.builder(exporter)
                        .setMaxQueueSize(QUEUE)
                        .setExporterTimeout(EXPORT_LIMIT)
                        .build())
                .build();
        return OpenTelemetrySdk.builder()
                .setTracerProvider(provider)
                .setPropagators(ContextPropagators.create(W3CTraceContextPropagator.getInstance()))
                .build();
    }

    /** Lets Vert.x trace, if there is a place for spans. */
    VertxBuilder into(VertxBuilder builder, VertxOptions options) {
        return sdk.map(telemetry -> {
                    options.setTracingOptions(new OpenTelemetryOptions());
                    OpenTelemetryTracingFactory all = new OpenTelemetryTracingFactory(telemetry);
                    return builder.withTracer(chosen -> kept.of(all.tracer(chosen)));
                })
                .orElse(builder);
    }

    /** Sends what is left, within the time of one export. Never fails. */
    Future<Void> close() {
        Promise<Void> closed = Promise.promise();
        sdk.ifPresentOrElse(telemetry -> telemetry.shutdown().whenComplete(closed::tryComplete), closed::complete);
        return closed.future();
    }
}
