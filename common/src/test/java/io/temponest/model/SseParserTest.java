package io.temponest.model;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.model.SseParser.Event;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SseParserTest {

    private static final String STREAM =
            "\uFEFF: hello\r\ndata: first\r\n\r\nevent: other\ndata:second\ndata: line €\rid: 7\r\r"
                    + "data\n\nevent: nothing\n\ndata: {\"é\": \"😀\"}\n\ndata: cut off";

    private static final List<Event> EVENTS = List.of(
            new Event("message", "first"),
            new Event("other", "second\nline €"),
            new Event("message", ""),
            new Event("message", "{\"é\": \"😀\"}"));

    private static List<Event> parse(byte[] bytes, int... cuts) {
        List<Event> events = new ArrayList<>();
        SseParser parser = new SseParser(1_000, events::add);
        int from = 0;
        for (int cut : cuts) {
            parser.feed(Arrays.copyOfRange(bytes, from, cut));
            from = cut;
        }
        parser.feed(Arrays.copyOfRange(bytes, from, bytes.length));
        return events;
    }

    @Test
    void readsEventsAsTheStandardSays() {
        assertThat(parse(STREAM.getBytes(StandardCharsets.UTF_8))).isEqualTo(EVENTS);
    }

    @Test
    void itDoesNotMatterWhereTheBytesAreCut() {
        byte[] bytes = STREAM.getBytes(StandardCharsets.UTF_8);
        for (int cut = 0; cut <= bytes.length; cut++) {
            assertThat(parse(bytes, cut)).as("cut at %d", cut).isEqualTo(EVENTS);
        }
        Random random = new Random(42);
        for (int round = 0; round < 500; round++) {
            int[] cuts =
                    random.ints(random.nextInt(20), 0, bytes.length).sorted().toArray();
            assertThat(parse(bytes, cuts))
                    .as("cut at %s", Arrays.toString(cuts))
                    .isEqualTo(EVENTS);
        }
    }

    @Test
    void aLineOrAnEventAboveTheLimitIsRefused() {
        SseParser line = new SseParser(10, event -> {});
        assertThatThrownBy(() -> line.feed("data: 123456".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(SseParser.TooLargeException.class);
        SseParser event = new SseParser(10, ignored -> {});
        assertThatThrownBy(() -> event.feed("data:1234\ndata:1234\ndata:1234\n".getBytes(StandardCharsets.UTF_8)))
                .isInstanceOf(SseParser.TooLargeException.class);
    }
}
