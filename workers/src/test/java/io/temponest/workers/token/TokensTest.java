package io.temponest.workers.token;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.knuddels.jtokkit.Encodings;
import com.knuddels.jtokkit.api.Encoding;
import com.knuddels.jtokkit.api.EncodingType;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.model.TokenCounter;
import io.temponest.model.Vocabulary;
import io.temponest.node.MessageTypes;
import io.vertx.core.Vertx;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Counting as everybody does it: over the bus. */
class TokensTest {

    private static final Encoding O200K = Encodings.newLazyEncodingRegistry().getEncoding(EncodingType.O200K_BASE);

    private static Vertx vertx;
    private static TokenCounter counter;

    @BeforeAll
    static void deploy() {
        vertx = Vertx.vertx();
        Bus bus = new Bus(vertx, MessageTypes.all());
        vertx.deployVerticle(new TokenVerticle(bus)).await();
        counter = new TokenCounter(vertx, bus);
    }

    @AfterAll
    static void stop() {
        vertx.close().await();
    }

    private static long count(String... texts) {
        return counter.count(Vocabulary.O200K, List.of(texts), Deadline.after(Duration.ofSeconds(20)))
                .await();
    }

    @Test
    void textsAreCountedWithTheVocabularyAndAddedUp() {
        assertThat(count("Hello, world!")).isEqualTo(4);
        assertThat(count("Hello, world!", "Hello, world!")).isEqualTo(8);
        assertThat(counter.count(
                                Vocabulary.CL100K,
                                List.of("antidisestablishmentarianism"),
                                Deadline.after(Duration.ofSeconds(20)))
                        .await())
                .isEqualTo(6);
        assertThat(counter.count(Vocabulary.O200K, List.of(), Deadline.after(Duration.ofSeconds(20)))
                        .await())
                .isZero();
    }

    @Test
    void aSpecialTokenInATextIsCountedAsText() {
        assertThat(count("<|endoftext|>")).isGreaterThan(1);
    }

    @Test
    void muchTextIsDividedAndCountedExactly() {
        String text = "In 1911 the lamp’s keeper wrote: 北京的灯塔，每 12 秒转一圈。\r\n  if (x) { return \"é\"; }\n".repeat(9_000);

        assertThat(count(text)).isEqualTo(O200K.countTokensOrdinary(text));
        assertThat(counter.count(
                                Vocabulary.O200K,
                                Collections.nCopies(90_000, "Hello, world!"),
                                Deadline.after(Duration.ofSeconds(20)))
                        .await())
                .isEqualTo(360_000);
    }

    static Stream<String> megabytes() {
        return Stream.of("a", " ", "\n", "-", "0").map(one -> one.repeat(1_000_000));
    }

    /** Were it quadratic, it would take hours. */
    @ParameterizedTest
    @MethodSource("megabytes")
    void aMegabyteOfOneCharacterIsCountedInTime(String text) {
        assertThat(count(text)).isEqualTo(O200K.countTokensOrdinary(text));
    }

    @Test
    void nobodyCountsForWhoIsNotWaitingAnyMore() {
        assertThatThrownBy(() -> counter.count(
                                Vocabulary.O200K,
                                Collections.nCopies(400, "a".repeat(30_000)),
                                Deadline.after(Duration.ofMillis(100)))
                        .await())
                .hasMessageContaining("in time");
    }
}
