package io.temponest.model.price;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;

/** What nodes tell each other about prices. */
public final class PriceAddresses {

    /** Told to all nodes after a tenant's prices have changed. */
    static final Address<PricesChanged, PricesChanged> PRICES_CHANGED =
            new Address<>("model.prices-changed", PricesChanged.class, PricesChanged.class);

    private PriceAddresses() {}

    public record PricesChanged(TenantId tenant) {}
}
