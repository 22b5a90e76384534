package io.temponest.spend;

import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.zip.CRC32C;

/**
 * The bytes of a journal's slot: the call, then how it ended, each with a mark and a CRC-32C of its own, so that a record that was
 * half written when the process died is none. The second names the attempt again and counts for that one alone. Big-endian.
 */
final class Slot {

    static final int BYTES = 512;

    private static final int CALL_MARK = 0x43414C4C;
    private static final int END_MARK = 0x454E4421;
    private static final int END_AT = 432;
    private static final int CHECKED_FROM = 8;

    private Slot() {}

    /** What a slot holds: a call, and how it ended if it did. */
    record Content(SpendCall call, Optional<Settlement> settlement) {}

    static void writeCall(ByteBuffer slot, SpendCall call) {
        ByteBuffer bytes = ByteBuffer.allocate(END_AT).position(CHECKED_FROM);
        Account account = call.account();
        put(bytes, call.attempt().uuid());
        put(bytes, account.tenant().uuid());
        bytes.put((byte) (account.step().isPresent() ? 1 : 0))
                .putInt(account.step().orElse(0));
        put(bytes, account.run());
        put(bytes, account.agent());
        put(bytes, account.project());
        put(bytes, account.user());
        put(bytes, account.apiKey());
        bytes.putLong(call.floor().units()).putLong(call.ceiling().units());
        put(bytes, call.provider());
        put(bytes, call.model());
        seal(bytes, CALL_MARK);
        slot.put(0, bytes.array(), 0, END_AT);
    }

    static void writeEnd(ByteBuffer slot, UUID attempt, Settlement settlement) {
        ByteBuffer bytes = ByteBuffer.allocate(BYTES - END_AT).position(CHECKED_FROM);
        Usage usage = settlement.usage();
        put(bytes, attempt);
        bytes.put(settlement.status().code())
                .put((byte) (usage.estimated() ? 1 : 0))
                .putLong(usage.inputTokens())
                .putLong(usage.cachedInputTokens())
                .putLong(usage.outputTokens())
                .putLong(settlement.cost().units())
                .putLong(settlement.latency().toMillis());
        seal(bytes, END_MARK);
        slot.put(END_AT, bytes.array(), 0, BYTES - END_AT);
    }

    /** Takes the call's mark away. */
    static void clear(ByteBuffer slot) {
        slot.putInt(0, 0);
    }

    /** Empty: the slot is free, or its call was never whole and so never sent. */
    static Optional<Content> read(ByteBuffer slot) {
        return sealed(slot.slice(0, END_AT), CALL_MARK).map(bytes -> {
            SpendCall call = call(bytes);
            return new Content(
                    call,
                    sealed(slot.slice(END_AT, BYTES - END_AT), END_MARK)
                            .filter(end -> uuid(end).equals(call.attempt().uuid()))
                            .map(Slot::settlement));
        });
    }

    private static SpendCall call(ByteBuffer bytes) {
        TypeId attempt = new TypeId(Kind.USAGE, uuid(bytes));
        TenantId tenant = new TenantId(uuid(bytes));
        boolean hasStep = bytes.get() == 1;
        int step = bytes.getInt();
        Account account = new Account(
                tenant,
                id(bytes, Kind.RUN),
                hasStep ? Optional.of(step) : Optional.empty(),
                id(bytes, Kind.AGENT),
                id(bytes, Kind.PROJECT),
                id(bytes, Kind.USER),
                id(bytes, Kind.API_KEY));
        Usd floor = new Usd(bytes.getLong());
        Usd ceiling = new Usd(bytes.getLong());
        return new SpendCall(attempt, account, text(bytes), text(bytes), floor, ceiling);
    }

    private static Settlement settlement(ByteBuffer bytes) {
        Settlement.Status status = Settlement.Status.of(bytes.get());
        boolean estimated = bytes.get() == 1;
        Usage usage = new Usage(bytes.getLong(), bytes.getLong(), bytes.getLong(), estimated);
        return new Settlement(status, usage, new Usd(bytes.getLong()), Duration.ofMillis(bytes.getLong()));
    }

    private static void seal(ByteBuffer bytes, int mark) {
        bytes.putInt(0, mark).putInt(4, checksum(bytes));
    }

    private static Optional<ByteBuffer> sealed(ByteBuffer bytes, int mark) {
        boolean whole = bytes.getInt(0) == mark && bytes.getInt(4) == checksum(bytes);
        return whole ? Optional.of(bytes.duplicate().position(CHECKED_FROM)) : Optional.empty();
    }

    private static int checksum(ByteBuffer bytes) {
        CRC32C sum = new CRC32C();
        sum.update(bytes.duplicate().position(CHECKED_FROM).limit(bytes.capacity()));
        return (int) sum.getValue();
    }

    private static void put(ByteBuffer bytes, Optional<TypeId> id) {
        put(bytes, id.map(TypeId::uuid).orElse(new UUID(0, 0)));
    }

    private static void put(ByteBuffer bytes, UUID uuid) {
        bytes.putLong(uuid.getMostSignificantBits()).putLong(uuid.getLeastSignificantBits());
    }

    private static void put(ByteBuffer bytes, String text) {
        byte[] utf8 = text.getBytes(StandardCharsets.UTF_8);
        bytes.put((byte) utf8.length).put(utf8);
    }

    private static UUID uuid(ByteBuffer bytes) {
        return new UUID(bytes.getLong(), bytes.getLong());
    }

    private static Optional<TypeId> id(ByteBuffer bytes, Kind kind) {
        UUID uuid = uuid(bytes);
        return uuid.equals(new UUID(0, 0)) ? Optional.empty() : Optional.of(new TypeId(kind, uuid));
    }

    private static String text(ByteBuffer bytes) {
        byte[] utf8 = new byte[Byte.toUnsignedInt(bytes.get())];
        bytes.get(utf8);
        return new String(utf8, StandardCharsets.UTF_8);
    }
}
