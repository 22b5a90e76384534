package io.temponest.webhook;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;

/** What nodes tell each other about deliveries. */
public final class WebhookAddresses {

    /** Told to one that delivers after something was put into the queue; a hint, for it looks by itself. */
    public static final Address<DeliveriesReady, DeliveriesReady> READY =
            new Address<>("webhook.ready", DeliveriesReady.class, DeliveriesReady.class);

    private WebhookAddresses() {}

    public record DeliveriesReady(TenantId tenant) {}
}
