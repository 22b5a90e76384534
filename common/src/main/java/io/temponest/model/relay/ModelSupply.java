package io.temponest.model.relay;

import io.temponest.identity.Ids;
import io.temponest.identity.TenantId;
import io.temponest.model.ModelProvider;
import io.temponest.model.Models;
import io.temponest.model.ModelsConfig;
import io.temponest.model.Prices;
import io.temponest.model.TokenCounter;
import io.temponest.model.price.PriceStore;
import io.temponest.model.price.TenantPrices;
import io.temponest.node.Node;
import io.temponest.spend.Spending;
import io.temponest.store.Postgres;
import io.vertx.core.Future;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** What a process has models asked with; one for each process, whatever parts of TempoNest it runs. */
public final class ModelSupply {

    private final ModelsConfig config;
    private final Spending spending;
    private final TenantPrices prices;
    private final TokenCounter counter;
    private final Relay relay;

    private ModelSupply(
            ModelsConfig config, Spending spending, TenantPrices prices, TokenCounter counter, Relay relay) {
        this.config = config;
        this.spending = spending;
        this.prices = prices;
        this.counter = counter;
        this.relay = relay;
    }

    public static Future<ModelSupply> open(Node node, ModelsConfig config, Postgres postgres, Path dataDir) {
        TokenCounter counter = new TokenCounter(node.vertx(), node.bus());
        return Spending.start(node.vertx(), node.bus(), postgres, dataDir, node.metrics())
                .map(spending -> {
                    config.prices().watch(node.vertx());
                    config.aliases().watch(node.vertx());
                    TenantPrices prices = new TenantPrices(
                            node.vertx(), node.bus(), config.prices()::contents, new PriceStore(postgres, new Ids()));
                    Relay relay = new Relay(
                            node.vertx(),
                            config.providers(),
                            new Attempts.Means(node.bus(), new Ids(), spending, prices, counter));
                    return new ModelSupply(config, spending, prices, counter, relay);
                });
    }

    /** The models that this process may ask. */
    public Models models(ModelProvider ownModels) {
        List<ModelProvider> providers = new ArrayList<>();
        providers.add(new ChargedProvider(ownModels, spending, prices, new Ids()));
        config.providers().forEach(provider -> providers.add(new RelayedProvider(provider.name(), relay)));
        return new Models(config.standard(), config.aliases()::contents, providers);
    }

    public Relay relay() {
        return relay;
    }

    /** The operator's table, as it is now. */
    public Prices prices() {
        return config.prices().contents();
    }

    /** What calls of tenants cost. */
    public TenantPrices tenantPrices() {
        return prices;
    }

    /** Knows of a change of a tenant's budgets when the future completes; never fails. */
    public Future<Void> followBudgets(TenantId tenant) {
        return spending.follow(tenant);
    }

    public TokenCounter counter() {
        return counter;
    }

    /** Closes the connections to providers, and writes down what is settled. */
    public Future<Void> close() {
        return relay.close().eventually(prices::close).eventually(spending::stop);
    }
}
