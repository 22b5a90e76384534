package io.temponest.workers.knowledge;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** Words stand for tokens here. */
class SplitterTest {

    private final Splitter splitter =
            new Splitter(text -> text.isBlank() ? 0 : text.strip().split("\\s+").length);

    @Test
    void aChunkKnowsItsHeadingAndItsLines() {
        List<Chunk> chunks = splitter.split(ExtractedText.of("""
                ## A session

                First line.
                Second line.

                # The end ##
                Last line.
                """, true));

        assertThat(chunks).hasSize(2);
        assertThat(chunks.getFirst().location().heading()).isEqualTo(Optional.of("A session"));
        assertThat(chunks.getFirst().text()).contains("First line.\nSecond line.");
        assertThat(chunks.getFirst().location().startLine()).isEqualTo(1);
        assertThat(chunks.getFirst().location().endLine()).isEqualTo(4);
        assertThat(chunks.get(1).location().heading()).isEqualTo(Optional.of("The end"));
        assertThat(chunks.get(1).location().startLine()).isEqualTo(6);
    }

    @Test
    void noChunkIsLargerThanTheModelReadsAndNoWordIsLost() {
        Random random = new Random(7);
        for (int round = 0; round < 100; round++) {
            String text = text(random);
            List<Chunk> chunks = splitter.split(ExtractedText.of(text, random.nextBoolean()));

            assertThat(chunks)
                    .allSatisfy(chunk -> assertThat(chunk.text().strip().split("\\s+").length)
                            .isBetween(1, Splitter.MAX_TOKENS));
            assertThat(words(chunks.stream().map(Chunk::text).collect(Collectors.joining(" "))))
                    .isEqualTo(words(text));
        }
    }

    private static List<String> words(String text) {
        return List.of(text.strip().split("\\s+"));
    }

    private static String text(Random random) {
        String[] glue = {" ", " ", " ", " ", " ", " ", ". ", "\n", "\n\n", "\n\n# Heading\n"};
        return "word0"
                + IntStream.range(1, 1 + random.nextInt(2_000))
                        .mapToObj(i -> glue[random.nextInt(random.nextBoolean() ? 1 : glue.length)] + "word" + i)
                        .collect(Collectors.joining());
    }
}
