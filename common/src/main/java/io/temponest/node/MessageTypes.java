package io.temponest.node;

import io.temponest.account.AccountAddresses;
import io.temponest.cache.CacheAddresses;
import io.temponest.identity.HashingAddresses;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.model.ModelAddresses;
import io.temponest.model.TokenAddresses;
import io.temponest.model.price.PriceAddresses;
import io.temponest.run.RunAddresses;
import io.temponest.spend.SpendAddresses;
import io.temponest.webhook.WebhookAddresses;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Stream;

/** The closed set of records that may cross the bus: those that the address classes declare. */
public final class MessageTypes {

    private MessageTypes() {}

    public static List<Class<? extends Record>> all() {
        return Stream.of(
                        AccountAddresses.class,
                        CacheAddresses.class,
                        HashingAddresses.class,
                        KnowledgeAddresses.class,
                        RunAddresses.class,
                        SpendAddresses.class,
                        ModelAddresses.class,
                        PriceAddresses.class,
                        TokenAddresses.class,
                        WebhookAddresses.class)
                .flatMap(addresses -> Arrays.stream(addresses.getDeclaredClasses()))
                .<Class<? extends Record>>map(type -> type.asSubclass(Record.class))
                .toList();
    }
}
