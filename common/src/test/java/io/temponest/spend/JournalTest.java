package io.temponest.spend;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.stream.IntStream;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.constraints.IntRange;
import net.jqwik.api.constraints.Size;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is left of a journal when its process dies at any moment. */
class JournalTest {

    private static final Ids IDS = new Ids();

    private static SpendCall call(int seed) {
        return new SpendCall(
                IDS.next(Kind.USAGE),
                new Account(
                        IDS.nextTenant(),
                        maybe(seed, 1, Kind.RUN),
                        (seed & 1) == 0 ? Optional.empty() : Optional.of(seed),
                        maybe(seed, 2, Kind.AGENT),
                        maybe(seed, 4, Kind.PROJECT),
                        maybe(seed, 8, Kind.USER),
                        maybe(seed, 16, Kind.API_KEY)),
                "p".repeat(seed % (SpendCall.MAX_PROVIDER + 1)),
                "ü".repeat(seed % (SpendCall.MAX_MODEL / 2 + 1)),
                new Usd(seed),
                new Usd(seed * 7L));
    }

    private static Optional<TypeId> maybe(int seed, int bit, Kind kind) {
        return (seed & bit) == 0 ? Optional.empty() : Optional.of(IDS.next(kind));
    }

    private static Settlement end(int seed) {
        return new Settlement(
                List.of(Settlement.Status.values()).get(seed % 4),
                new Usage(seed, seed / 2, seed * 3L, seed % 2 == 0),
                new Usd(seed * 11L),
                Duration.ofMillis(seed));
    }

    @Property
    void aSlotHoldsACallAndItsEnd(@ForAll @IntRange(max = 100_000) int seed) {
        ByteBuffer slot = ByteBuffer.allocate(Slot.BYTES);
        SpendCall call = call(seed);

        Slot.writeCall(slot, call);
        assertThat(Slot.read(slot)).contains(new Slot.Content(call, Optional.empty()));
        Slot.writeEnd(slot, call.attempt().uuid(), end(seed));
        assertThat(Slot.read(slot)).contains(new Slot.Content(call, Optional.of(end(seed))));
        Slot.clear(slot);
        assertThat(Slot.read(slot)).isEmpty();
    }

    /** Whichever bytes of a write have come: the slot is as before or as after, or free where its call was being written. */
    @Property
    void aWriteThatWasCutShortIsNone(
            @ForAll @IntRange(max = 1_000) int seed,
            @ForAll @Size(Slot.BYTES / 4) boolean[] came,
            @ForAll @IntRange(max = 2) int step) {
        ByteBuffer slot = ByteBuffer.allocate(Slot.BYTES);
        SpendCall earlier = call(seed + 1);
        Slot.writeCall(slot, earlier);
        Slot.writeEnd(slot, earlier.attempt().uuid(), end(seed + 1));
        Slot.clear(slot);
        SpendCall call = call(seed);
        List<Runnable> steps = List.of(
                () -> Slot.writeCall(slot, call),
                () -> Slot.writeEnd(slot, call.attempt().uuid(), end(seed)),
                () -> Slot.clear(slot));
        steps.subList(0, step).forEach(Runnable::run);
        byte[] before = slot.array().clone();
        Optional<Slot.Content> was = Slot.read(slot);
        steps.get(step).run();
        Optional<Slot.Content> is = Slot.read(slot);

        byte[] torn = slot.array().clone();
        IntStream.range(0, torn.length).filter(i -> !came[i / 4]).forEach(i -> torn[i] = before[i]);
        assertThat(Slot.read(ByteBuffer.wrap(torn))).isIn(was, is);
    }

    /** The file is copied after every write; each copy gives what was open and what had ended then, each once. */
    @Property(tries = 20)
    void aCopyAtAnyWriteGivesEachCallOnce(@ForAll @Size(min = 1, max = 25) List<@IntRange(max = 99) Integer> choices)
            throws IOException {
        Path folder = Files.createTempDirectory("temponest-test-journal");
        Journal journal = Journal.create(folder, UUID.randomUUID());
        Map<UUID, Slot.Content> expected = new HashMap<>();
        Map<UUID, Integer> slots = new HashMap<>();
        List<SpendCall> open = new ArrayList<>();
        for (int choice : choices) {
            if (choice < 50 || open.isEmpty()) {
                SpendCall call = call(choice);
                int slot = journal.take().orElseThrow();
                journal.open(slot, call);
                slots.put(call.attempt().uuid(), slot);
                open.add(call);
                expected.put(call.attempt().uuid(), new Slot.Content(call, Optional.empty()));
            } else {
                SpendCall call = open.remove(choice % open.size());
                UUID attempt = call.attempt().uuid();
                journal.settle(Optional.ofNullable(slots.get(attempt)).orElseThrow(), attempt, end(choice));
                expected.put(attempt, new Slot.Content(call, Optional.of(end(choice))));
                if (choice >= 75) {
                    journal.free(Optional.ofNullable(slots.get(attempt)).orElseThrow());
                    expected.remove(attempt);
                }
            }
            Path copies = Files.createTempDirectory("temponest-test-journal");
            Path copy = copies.resolve(journal.node() + Journal.SUFFIX);
            Files.copy(folder.resolve(journal.node() + Journal.SUFFIX), copy);
            Journal adopted = Journal.adopt(copy).orElseThrow();
            assertThat(content(adopted)).containsExactlyInAnyOrderElementsOf(expected.values());
            adopted.delete();
            Files.delete(copies);
        }
        journal.delete();
        Files.delete(folder);
    }

    private static List<Slot.Content> content(Journal journal) {
        return IntStream.range(0, journal.slots())
                .mapToObj(journal::read)
                .flatMap(Optional::stream)
                .toList();
    }

    @Test
    void aJournalInUseIsNobodyElses(@TempDir Path folder) throws IOException {
        Journal journal = Journal.create(folder, UUID.randomUUID());
        Path file = folder.resolve(journal.node() + Journal.SUFFIX);
        assertThat(Journal.adopt(file)).isEmpty();

        journal.close();
        Journal adopted = Journal.adopt(file).orElseThrow();
        assertThat(adopted.node()).isEqualTo(journal.node());
        assertThat(Journal.adopt(file)).isEmpty();
        adopted.delete();
        assertThat(file).doesNotExist();
    }

    @Test
    void aSmallerOneOfAnotherVersionIsAdopted(@TempDir Path folder) throws IOException {
        Journal journal = Journal.create(folder, UUID.randomUUID());
        SpendCall call = call(1);
        journal.open(journal.take().orElseThrow(), call);
        journal.close();
        Path file = folder.resolve(journal.node() + Journal.SUFFIX);
        Files.write(file, Arrays.copyOf(Files.readAllBytes(file), 512 + 9 * Slot.BYTES));

        Journal adopted = Journal.adopt(file).orElseThrow();
        assertThat(adopted.slots()).isEqualTo(9);
        assertThat(adopted.read(0)).contains(new Slot.Content(call, Optional.empty()));
        adopted.delete();
    }

    @Test
    void whatIsNoWholeJournalIsLeftAlone(@TempDir Path folder) throws IOException {
        Path file = Files.writeString(folder.resolve(UUID.randomUUID() + Journal.SUFFIX), "half a header");

        assertThat(Journal.adopt(file)).isEmpty();
        assertThat(file).hasContent("half a header");
    }

    @Test
    void allSlotsCanBeTakenAndNoMore(@TempDir Path folder) throws IOException {
        Journal journal = Journal.create(folder, UUID.randomUUID());
        for (int i = 0; i < Journal.SLOTS; i++) {
            journal.open(journal.take().orElseThrow(), call(i));
        }

        assertThat(journal.take()).isEmpty();
        assertThat(content(journal)).hasSize(Journal.SLOTS);
        journal.free(17);
        assertThat(journal.take()).hasValue(17);
        journal.delete();
    }
}
