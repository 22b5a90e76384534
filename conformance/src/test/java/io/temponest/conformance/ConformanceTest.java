package io.temponest.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import ch.qos.logback.classic.Level;
import ch.qos.logback.classic.Logger;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Semaphore;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Assumptions;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicNode;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;
import org.slf4j.LoggerFactory;

/**
 * Every case with every SDK. All are played at once, for most of them wait for a pause that a provider asks for or an SDK
 * makes; each has a model of its own.
 */
class ConformanceTest {

    /** Those with prompts of several mebibytes are played one after the other. */
    private static final int AT_ONCE = 16;

    private static final int MANY = 10_000;

    @TempDir
    private static Path folder;

    private static final Optional<String> WITHOUT_NODE = NodeProcess.obstacle();
    private static Optional<NodeProcess> node = Optional.empty();
    private static List<Trial> trials = List.of();

    /** It logs each failure after which it asks again. */
    private static final Logger LANGCHAIN4J = (Logger) LoggerFactory.getLogger("dev.langchain4j");

    @BeforeAll
    static void play() throws IOException {
        LANGCHAIN4J.setLevel(Level.ERROR);
        List<Sdk> sdks = Sdks.ofJava();
        if (WITHOUT_NODE.isEmpty()) {
            node = Optional.of(NodeProcess.start());
            sdks = sdks(node::orElseThrow);
        }
        long since = System.nanoTime();
        try (Stage stage = Stage.start(folder, sdks)) {
            trials = trials(stage, sdks);
            long begun = System.nanoTime();
            play(
                    trials.stream()
                            .filter(trial -> trial.what().wanted().times() < MANY)
                            .toList(),
                    AT_ONCE);
            play(
                    trials.stream()
                            .filter(trial -> trial.what().wanted().times() >= MANY)
                            .toList(),
                    1);
            System.out.printf(
                    "%s%d trials in %.1f s, after a start of %.1f s%n",
                    Table.seen(sdks, trials), trials.size(), (System.nanoTime() - begun) / 1e9, (begun - since) / 1e9);
        }
        WITHOUT_NODE.ifPresent(why -> System.out.println("The SDKs for Node were NOT run: " + why + "."));
    }

    private static List<Sdk> sdks(Supplier<NodeProcess> process) {
        List<Sdk> all = new ArrayList<>(Sdks.ofNode(process));
        all.addAll(Sdks.ofJava());
        return all;
    }

    private static List<Trial> trials(Stage stage, List<Sdk> sdks) {
        List<Trial> all = new ArrayList<>();
        List<Case> cases = Script.cases();
        for (int number = 0; number < cases.size(); number++) {
            for (Sdk sdk : sdks) {
                if (sdk.verbs().contains(cases.get(number).verb())) {
                    all.add(new Trial(stage, cases.get(number), number, sdk));
                }
            }
        }
        return all;
    }

    private static void play(List<Trial> some, int atOnce) {
        Semaphore room = new Semaphore(atOnce);
        try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
            for (Trial trial : some) {
                threads.execute(() -> {
                    room.acquireUninterruptibly();
                    try {
                        trial.run();
                    } finally {
                        room.release();
                    }
                });
            }
        }
    }

    @AfterAll
    static void stop() {
        node.ifPresent(NodeProcess::close);
    }

    @TestFactory
    Stream<DynamicNode> everySdkSeesWhatItMust() {
        Stream<DynamicNode> played = trials.stream()
                .map(Trial::sdk)
                .distinct()
                .map(sdk -> DynamicContainer.dynamicContainer(
                        sdk.title(),
                        trials.stream()
                                .filter(trial -> trial.sdk().equals(sdk))
                                .map(trial -> DynamicTest.dynamicTest(trial.title(), trial::assertRight))));
        Stream<DynamicNode> others = WITHOUT_NODE.stream()
                .map(why -> DynamicTest.dynamicTest(
                        "the SDKs for Node", () -> Assumptions.abort("The SDKs for Node were not run: " + why + ".")));
        return Stream.concat(played, others);
    }

    @Test
    void theDocumentedTablesAreThoseOfTheseSdksAndCases() throws IOException {
        Table table = new Table(sdks(node::orElseThrow));
        if (Boolean.getBoolean("conformance.write")) {
            table.write();
        }
        assertThat(Table.documented())
                .as("docs/CONFORMANCE.md; -Dconformance.write=true puts the tables there")
                .isEqualTo(table.text());
    }

    @Test
    void theSdksForNodeAreThoseOfTheLockFile() {
        Assumptions.assumeTrue(WITHOUT_NODE.isEmpty(), WITHOUT_NODE.orElse(""));

        for (String name : Versions.dependencies()) {
            assertThat(Versions.installed(name)).as(name).isEqualTo(Versions.node(name));
        }
    }
}
