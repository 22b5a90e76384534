package io.temponest.cli;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import ch.qos.logback.classic.LoggerContext;
import ch.qos.logback.classic.encoder.JsonEncoder;
import ch.qos.logback.classic.encoder.PatternLayoutEncoder;
import ch.qos.logback.classic.spi.ILoggingEvent;
import ch.qos.logback.core.ConsoleAppender;
import ch.qos.logback.core.encoder.Encoder;
import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.util.List;
import org.slf4j.LoggerFactory;
import org.slf4j.bridge.SLF4JBridgeHandler;

/** Where log events go: to standard error, as short lines for people or as JSON for programs. */
record Logging(Logging.Format format, Logging.Threshold threshold) {

    /** Libraries that tell at INFO what only they are interested in. */
    private static final List<String> TALKATIVE =
            List.of("com.hazelcast", "org.flywaydb", "io.netty", "io.vertx", "ai.djl", "org.apache", "dev.langchain4j");

    /**
     * What they warn of at each start is by design: no data live in the cluster, and it needs no more speed; Vert.x registers
     * a gauge of the event bus again for each handler, and all of them share its count.
     */
    private static final List<String> ALARMED = List.of(
            "com.hazelcast.instance.impl.HazelcastInstanceFactory",
            "com.hazelcast.cp.CPSubsystem",
            "io.micrometer.core.instrument.MeterRegistry");

    private static final String LINE = "%d{HH:mm:ss.SSS} %-5level %msg %kvp{NONE}%n%ex";

    enum Format {
        TEXT,
        JSON
    }

    enum Threshold {
        ERROR,
        WARN,
        INFO,
        DEBUG,
        TRACE
    }

    static Logging read(Environment environment) {
        return new Logging(
                environment.choice(Setting.LOG_FORMAT, Format.class),
                environment.choice(Setting.LOG_LEVEL, Threshold.class));
    }

    /** Before the settings are read, and for commands that have none. */
    static Logging quiet() {
        return new Logging(Format.TEXT, Threshold.WARN);
    }

    void apply() {
        LoggerContext context = (LoggerContext) LoggerFactory.getILoggerFactory();
        context.reset();
        SLF4JBridgeHandler.removeHandlersForRootLogger();
        SLF4JBridgeHandler.install();
        Encoder<ILoggingEvent> encoder = encoder(context);
        ConsoleAppender<ILoggingEvent> console = new ConsoleAppender<>();
        console.setContext(context);
        console.setTarget("System.err");
        console.setEncoder(encoder);
        console.start();
        Logger root = context.getLogger(org.slf4j.Logger.ROOT_LOGGER_NAME);
        root.setLevel(Level.toLevel(threshold.name()));
        root.addAppender(console);
        if (threshold.compareTo(Threshold.DEBUG) < 0) {
            ALARMED.forEach(name -> context.getLogger(name).setLevel(Level.ERROR));
        }
        if (threshold.compareTo(Threshold.WARN) > 0) {
            TALKATIVE.forEach(name -> context.getLogger(name).setLevel(Level.WARN));
        }
    }

    private Encoder<ILoggingEvent> encoder(LoggerContext context) {
        return switch (format) {
            case TEXT -> {
                PatternLayoutEncoder lines = new PatternLayoutEncoder();
                lines.setContext(context);
                lines.setPattern(LINE);
                lines.start();
                yield lines;
            }
            case JSON -> {
                JsonEncoder json = new JsonEncoder();
                json.setContext(context);
                json.setWithContext(false);
                json.setWithSequenceNumber(false);
                json.setWithNanoseconds(false);
                json.setWithMDC(false);
                json.start();
                yield json;
            }
        };
    }
}
