package io.temponest.audit;

import io.temponest.identity.Sha256;
import io.temponest.identity.TypeId;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.Optional;

/**
 * Follows a tenant's chain from entry to entry and says where it breaks. Written from the comment of the table {@code audit_log},
 * not from the function there that makes the hashes: two texts of one rule, each of which checks the other. Not for use by two
 * threads at once.
 */
public final class AuditChain {

    private long entries;
    private Optional<Link> first = Optional.empty();
    private Optional<Link> last;

    /** An entry's place and hash. */
    public record Link(long seq, Hash hash) {}

    /** Where a chain does not hold, and why. */
    public record Break(long seq, String reason) {}

    /** @param before the entry after which to start; empty: with the oldest that is kept */
    public AuditChain(Optional<Link> before) {
        this.last = before;
    }

    /** Follows the next entries, in order of their numbers. @return where they break the chain; empty where they do not */
    public Optional<Break> follow(List<AuditRecord> records) {
        for (AuditRecord record : records) {
            Optional<Break> broken = check(record);
            if (broken.isPresent()) {
                return broken;
            }
            Link link = new Link(record.seq(), record.hash());
            first = first.or(() -> Optional.of(link));
            last = Optional.of(link);
            entries++;
        }
        return Optional.empty();
    }

    private Optional<Break> check(AuditRecord record) {
        if (last.isPresent() && record.seq() != last.get().seq() + 1) {
            long expected = last.get().seq() + 1;
            return record.seq() < expected ? broken(record.seq(), "repeated") : broken(expected, "missing");
        }
        Optional<Hash> before =
                last.map(Link::hash).or(() -> record.seq() == 1 ? Optional.of(Hash.ZERO) : Optional.empty());
        if (before.isPresent() && !before.get().equals(record.prevHash())) {
            return broken(record.seq(), "not_linked");
        }
        return hash(record).equals(record.hash()) ? Optional.empty() : broken(record.seq(), "altered");
    }

    /** Says, at the end, whether entries are missing there. */
    public Optional<Break> end(Link head) {
        long reached = last.map(Link::seq).orElse(0L);
        if (reached < head.seq()) {
            return broken(reached + 1, "missing");
        }
        return last.isEmpty() || last.get().hash().equals(head.hash())
                ? Optional.empty()
                : broken(head.seq(), "altered");
    }

    private static Optional<Break> broken(long seq, String reason) {
        return Optional.of(new Break(seq, reason));
    }

    /** How many entries were followed. */
    public long entries() {
        return entries;
    }

    public Optional<Link> first() {
        return first;
    }

    public Optional<Link> last() {
        return last;
    }

    static Hash hash(AuditRecord record) {
        Actor actor = record.actor();
        ByteArrayOutputStream out = new ByteArrayOutputStream();
        write(out, Optional.of(record.tenant().uuid().toString()));
        write(out, Optional.of(Long.toString(record.seq())));
        write(out, Optional.of(record.id().uuid().toString()));
        write(out, Optional.of(Long.toString(ChronoUnit.MICROS.between(Instant.EPOCH, record.createdAt()))));
        write(out, uuid(actor.user()));
        write(out, uuid(actor.apiKey()));
        write(out, actor.address());
        write(out, actor.userAgent());
        write(out, Optional.of(record.action()));
        write(out, Optional.of(record.resourceType()));
        write(out, record.resourceId());
        write(out, Optional.of(record.outcome().toString()));
        write(out, Optional.of(record.details()));
        write(out, Optional.of(record.prevHash().toString()));
        return new Hash(Sha256.of(out.toByteArray()));
    }

    private static Optional<String> uuid(Optional<TypeId> id) {
        return id.map(known -> known.uuid().toString());
    }

    /** A netstring (D. J. Bernstein, 1997); what is absent is {@code -,}, which none is. */
    private static void write(ByteArrayOutputStream out, Optional<String> value) {
        if (value.isEmpty()) {
            out.writeBytes(new byte[] {'-', ','});
            return;
        }
        byte[] bytes = value.get().getBytes(StandardCharsets.UTF_8);
        out.writeBytes((bytes.length + ":").getBytes(StandardCharsets.US_ASCII));
        out.writeBytes(bytes);
        out.write(',');
    }
}
