package io.temponest.spend;

import java.io.IOException;
import java.lang.foreign.Arena;
import java.lang.invoke.VarHandle;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.nio.file.StandardOpenOption;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;

/**
 * The calls that a process has open, in a file that is mapped into memory: what was stored there outlives the process, because it
 * is the operating system's page. A slot holds one call until the ledger has it. Locked for as long as its process lives. Safe for
 * any thread; a slot belongs to whoever took it.
 */
final class Journal {

    static final int SLOTS = 8_192;
    static final String SUFFIX = ".journal";

    private static final int HEADER = 512;
    private static final long MARK = 0x54504E5350443031L;

    /**
     * A lock of a file is its whole process's, and closing the file anywhere in the process ends it: a journal that is in use here
     * must not even be opened again. That is a fact of the process, so this is too.
     */
    private static final Set<Path> IN_USE_HERE = ConcurrentHashMap.newKeySet();

    private final UUID node;
    private final Path file;
    private final FileChannel channel;
    private final FileLock lock;
    private final ByteBuffer bytes;
    private final int slots;
    private final int[] free;
    private int freeCount;
    private volatile boolean closed;

    private Journal(UUID node, Path file, FileChannel channel, FileLock lock) throws IOException {
        this.node = node;
        this.file = file;
        this.channel = channel;
        this.lock = lock;
        // Unmapped when nobody can reach it any more, so that a late settlement writes into nothing worse than an old
        // page.
        this.bytes = channel.map(FileChannel.MapMode.READ_WRITE, 0, channel.size(), Arena.ofAuto())
                .asByteBuffer();
        this.slots = (bytes.capacity() - HEADER) / Slot.BYTES;
        this.free = new int[slots];
        for (int slot = slots - 1; slot >= 0; slot--) {
            free[freeCount++] = slot;
        }
    }

    /** Makes a journal, all of whose pages are on the disk. Blocks. */
    static Journal create(Path folder, UUID node) throws IOException {
        Path file = folder.toAbsolutePath().normalize().resolve(node + SUFFIX);
        Path draft = file.resolveSibling(node + ".new");
        FileChannel channel = FileChannel.open(
                draft, StandardOpenOption.CREATE_NEW, StandardOpenOption.READ, StandardOpenOption.WRITE);
        FileLock lock = Optional.ofNullable(channel.tryLock())
                .orElseThrow(() -> new IOException("a new journal is locked: " + draft));
        IN_USE_HERE.add(file);
        ByteBuffer content = ByteBuffer.allocate(HEADER + SLOTS * Slot.BYTES)
                .putLong(MARK)
                .putLong(node.getMostSignificantBits())
                .putLong(node.getLeastSignificantBits())
                .rewind();
        while (content.hasRemaining()) {
            channel.write(content);
        }
        channel.force(true);
        // Named only now: whoever looks for journals of the dead finds it locked.
        Files.move(draft, file, StandardCopyOption.ATOMIC_MOVE);
        return new Journal(node, file, channel, lock);
    }

    /** Takes over a journal whose process is gone; empty while it is not, or when the file is no whole journal. Blocks. */
    static Optional<Journal> adopt(Path found) throws IOException {
        Path file = found.toAbsolutePath().normalize();
        if (!IN_USE_HERE.add(file)) {
            return Optional.empty();
        }
        try {
            Optional<Journal> adopted = adoptUnheld(file);
            if (adopted.isEmpty()) {
                IN_USE_HERE.remove(file);
            }
            return adopted;
        } catch (NoSuchFileException e) {
            // Its process has ended, and left nothing to adopt, since the file was found.
            IN_USE_HERE.remove(file);
            return Optional.empty();
        } catch (IOException | RuntimeException e) {
            IN_USE_HERE.remove(file);
            throw e;
        }
    }

    private static Optional<Journal> adoptUnheld(Path file) throws IOException {
        FileChannel channel = FileChannel.open(file, StandardOpenOption.READ, StandardOpenOption.WRITE);
        try {
            Optional<Journal> adopted = adopt(file, channel);
            if (adopted.isEmpty()) {
                channel.close();
            }
            return adopted;
        } catch (IOException | RuntimeException e) {
            channel.close();
            throw e;
        }
    }

    private static Optional<Journal> adopt(Path file, FileChannel channel) throws IOException {
        Optional<FileLock> lock = Optional.ofNullable(channel.tryLock());
        ByteBuffer header = ByteBuffer.allocate(24);
        // It may have been adopted and deleted by another since it was found.
        if (lock.isEmpty()
                || !Files.exists(file)
                || !isWhole(channel.size())
                || channel.read(header, 0) != header.capacity()
                || header.getLong(0) != MARK) {
            return Optional.empty();
        }
        UUID node = new UUID(header.getLong(8), header.getLong(16));
        return Optional.of(new Journal(node, file, channel, lock.get()));
    }

    /** Other versions have more slots, or fewer. */
    private static boolean isWhole(long size) {
        return size >= HEADER && size <= Integer.MAX_VALUE && (size - HEADER) % Slot.BYTES == 0;
    }

    UUID node() {
        return node;
    }

    int slots() {
        return slots;
    }

    /** Takes a slot; empty when all are taken. */
    synchronized OptionalInt take() {
        return freeCount == 0 || closed ? OptionalInt.empty() : OptionalInt.of(free[--freeCount]);
    }

    synchronized int taken() {
        return slots - freeCount;
    }

    /** Writes a call into a slot that was taken. */
    void open(int slot, SpendCall call) {
        Slot.writeCall(slice(slot), call);
        VarHandle.releaseFence();
    }

    /** False: the journal was let go of, and what is in it is for the next to adopt. */
    boolean settle(int slot, UUID attempt, Settlement settlement) {
        if (!closed) {
            Slot.writeEnd(slice(slot), attempt, settlement);
            VarHandle.releaseFence();
        }
        return !closed;
    }

    /** The ledger has the call: its slot may be taken again. */
    void free(int slot) {
        clear(slot);
        synchronized (this) {
            free[freeCount++] = slot;
        }
    }

    /** The ledger has the call. */
    void clear(int slot) {
        Slot.clear(slice(slot));
        VarHandle.releaseFence();
    }

    Optional<Slot.Content> read(int slot) {
        return Slot.read(slice(slot));
    }

    private ByteBuffer slice(int slot) {
        return bytes.slice(HEADER + slot * Slot.BYTES, Slot.BYTES);
    }

    /** Lets go of the file; whatever is in it is for the next to adopt. Blocks. */
    void close() throws IOException {
        closed = true;
        lock.release();
        channel.close();
        IN_USE_HERE.remove(file);
    }

    /** Deletes the file, all of whose slots are free. Blocks. */
    void delete() throws IOException {
        Files.deleteIfExists(file);
        close();
    }
}
