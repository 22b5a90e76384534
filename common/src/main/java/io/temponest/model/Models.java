package io.temponest.model;

import io.vertx.core.Future;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Supplier;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** The models that this process can ask. Safe for use by any context. */
public final class Models {

    private static final Logger LOG = LoggerFactory.getLogger(Models.class);
    private static final Duration FRESH = Duration.ofSeconds(60);

    private final Map<String, ModelProvider> providers = new LinkedHashMap<>();
    private final Map<String, Listing> listings = new ConcurrentHashMap<>();
    private final ModelName standard;
    private final Supplier<Aliases> aliases;

    private record Listing(long at, Future<List<String>> models) {}

    /** @param standard the model of agents and requests that name none */
    public Models(ModelName standard, Supplier<Aliases> aliases, List<? extends ModelProvider> providers) {
        this.standard = standard;
        this.aliases = aliases;
        providers.forEach(provider -> this.providers.put(provider.name(), provider));
    }

    public ModelName standard() {
        return standard;
    }

    /** The provider of a model; whether it has that model is found out by asking it. */
    public Optional<ModelProvider> find(ModelName model) {
        return Optional.ofNullable(providers.get(model.provider()));
    }

    /** The names of one's own for models, as they are at the moment. */
    public Aliases aliases() {
        return aliases.get();
    }

    public List<String> providerNames() {
        return List.copyOf(providers.keySet());
    }

    /** All models of all providers, by name; those of a provider that cannot be asked are left out. Never fails. */
    public Future<List<ModelName>> list() {
        List<Future<List<ModelName>>> all = new ArrayList<>();
        providers
                .values()
                .forEach(provider -> all.add(listing(provider)
                        .map(names -> names.stream()
                                .flatMap(name -> ModelName.find(provider.name() + "/" + name).stream())
                                .toList())
                        .otherwise(List.of())));
        return Future.join(all)
                .map(done -> all.stream()
                        .flatMap(names -> names.result().stream())
                        .sorted(Comparator.comparing(ModelName::toString))
                        .toList());
    }

    private Future<List<String>> listing(ModelProvider provider) {
        return listings.compute(provider.name(), (name, known) -> {
                    boolean usable = known != null
                            && System.nanoTime() - known.at() < FRESH.toNanos()
                            && !known.models().failed();
                    return usable ? known : new Listing(System.nanoTime(), ask(provider));
                })
                .models();
    }

    private static Future<List<String>> ask(ModelProvider provider) {
        return provider.models()
                .onFailure(failure -> LOG.atWarn()
                        .addKeyValue("provider", provider.name())
                        .addKeyValue("cause", failure.getMessage())
                        .log("models.not_listed"));
    }
}
