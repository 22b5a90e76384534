package io.temponest.workers.bench;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.temponest.bus.Deadline;
import io.temponest.config.Environment;
import io.temponest.model.TokenCounter;
import io.temponest.model.Vocabulary;
import io.temponest.node.Node;
import io.temponest.node.NodeConfig;
import io.temponest.workers.token.TokenVerticle;
import io.vertx.core.Future;
import io.vertx.core.Promise;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Supplier;
import java.util.stream.IntStream;

/**
 * Characters per second of token counting over the bus beside the library's own on one thread, in the same process. Rounds of
 * both alternate, and the median of each counts.
 */
final class TokensBenchmark {

    private static final int WARM_UP_MS = 3_000;
    private static final int ROUND_MS = 1_000;
    private static final Duration LIMIT = Duration.ofSeconds(30);

    private TokensBenchmark() {}

    /**
     * What is counted.
     *
     * @param atOnce how many of these texts are asked for at the same time
     */
    private record Load(String name, String text, int atOnce) {}

    private static List<Load> loads(String sample) {
        return List.of(
                new Load("1 KB, one at a time", of(sample, 1_000), 1),
                new Load("1 KB, 64 at a time", of(sample, 1_000), 64),
                new Load("100 KB", of(sample, 100_000), 1),
                new Load("5 MB", of(sample, 5_000_000), 1),
                new Load("1 MB of one letter", of("a", 1_000_000), 1),
                new Load("1 MB of spaces", of(" ", 1_000_000), 1),
                new Load("1 MB of digits", of("7", 1_000_000), 1));
    }

    private static String of(String sample, int characters) {
        return sample.repeat(characters / sample.length() + 1).substring(0, characters);
    }

    /** @param arguments rounds of each */
    public static void main(String[] arguments) throws IOException {
        int rounds = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 7;
        String sample = Files.readString(Path.of("docs/ARCHITECTURE.md")) + Files.readString(Path.of("README.md"));
        Node node = Node.start(NodeConfig.read(new Environment(Map.of()))).await();
        Vertx vertx = node.vertx();
        vertx.deployVerticle(new TokenVerticle(node.bus())).await();
        TokenCounter counter = new TokenCounter(vertx, node.bus());
        System.out.println("| vocabulary | text | library, 1 thread, MB/s | over the bus, MB/s | ratio |");
        System.out.println("|---|---|---|---|---|");
        for (Vocabulary vocabulary : Vocabulary.values()) {
            Encoding encoding = Encodings.newLazyEncodingRegistry()
                    .getEncoding(
                            switch (vocabulary) {
                                case O200K -> EncodingType.O200K_BASE;
                                case CL100K -> EncodingType.CL100K_BASE;
                            });
            for (Load load : loads(sample)) {
                Supplier<Future<Long>> ours =
                        () -> counter.count(vocabulary, List.of(load.text()), Deadline.after(LIMIT));
                System.out.println("| " + vocabulary + row(vertx, load, rounds, encoding, ours));
            }
        }
        vertx.close().await();
    }

    private static String row(Vertx vertx, Load load, int rounds, Encoding encoding, Supplier<Future<Long>> ours) {
        alone(encoding, load, WARM_UP_MS);
        overBus(vertx, ours, load, WARM_UP_MS);
        List<Double> alone = new ArrayList<>();
        List<Double> overBus = new ArrayList<>();
        for (int round = 0; round < rounds; round++) {
            alone.add(alone(encoding, load, ROUND_MS));
            overBus.add(overBus(vertx, ours, load, ROUND_MS));
        }
        return String.format(
                Locale.ROOT,
                " | %s | %.1f | %.1f | %.2f |",
                load.name(),
                median(alone),
                median(overBus),
                median(overBus) / median(alone));
    }

    /** The library on this thread: millions of characters a second. */
    private static double alone(Encoding encoding, Load load, int millis) {
        long began = System.nanoTime();
        long texts = 0;
        long tokens = 0;
        while (System.nanoTime() - began < millis * 1_000_000L) {
            tokens += encoding.countTokensOrdinary(load.text());
            texts++;
        }
        return tokens == 0 ? 0 : rate(texts, load, began);
    }

    /** Asked for by an event loop, as the gateway does it. */
    private static double overBus(Vertx vertx, Supplier<Future<Long>> ours, Load load, int millis) {
        long began = System.nanoTime();
        long end = began + millis * 1_000_000L;
        Promise<Long> done = Promise.promise();
        vertx.getOrCreateContext().runOnContext(go -> {
            List<Future<Long>> lanes = IntStream.range(0, load.atOnce())
                    .mapToObj(lane -> new Lane(ours, end).run())
                    .toList();
            Future.all(lanes)
                    .map(all -> lanes.stream().mapToLong(Future::result).sum())
                    .onComplete(done);
        });
        return rate(done.future().await(), load, began);
    }

    /** Asks for one text after the other until it is time. */
    private static final class Lane {

        private final Supplier<Future<Long>> ours;
        private final long end;
        private final Promise<Long> texts = Promise.promise();
        private long count;

        Lane(Supplier<Future<Long>> ours, long end) {
            this.ours = ours;
            this.end = end;
        }

        Future<Long> run() {
            ours.get().onComplete(counted -> {
                count++;
                if (counted.failed()) {
                    texts.fail(counted.cause());
                } else if (System.nanoTime() - end < 0) {
                    run();
                } else {
                    texts.complete(count);
                }
            });
            return texts.future();
        }
    }

    private static double rate(long texts, Load load, long began) {
        return texts * (double) load.text().length() / ((System.nanoTime() - began) / 1e3);
    }

    private static double median(List<Double> values) {
        return values.stream().sorted().toList().get(values.size() / 2);
    }
}
