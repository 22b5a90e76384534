package io.temponest.identity;

import com.fasterxml.uuid.Generators;
import com.fasterxml.uuid.NoArgGenerator;

/** Mints ids: UUIDv7 (RFC 9562), ordered by time within a process. Safe for use by any thread. */
public final class Ids {

    private final NoArgGenerator uuids = Generators.timeBasedEpochGenerator();

    public TypeId next(Kind kind) {
        return new TypeId(kind, uuids.generate());
    }

    public TenantId nextTenant() {
        return new TenantId(uuids.generate());
    }
}
