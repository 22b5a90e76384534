package io.temponest.model;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import io.temponest.config.WatchedFile;
import java.nio.file.Path;
import java.util.List;

/**
 * Which models a process may ask, and what they cost.
 *
 * @param standard the model of agents and requests that name none
 */
public record ModelsConfig(
        ModelName standard, List<ProviderConfig> providers, WatchedFile<Prices> prices, WatchedFile<Aliases> aliases) {

    public ModelsConfig {
        providers = List.copyOf(providers);
    }

    public static ModelsConfig read(Environment environment) {
        return new ModelsConfig(
                environment
                        .parsed(Setting.DEFAULT_MODEL, ModelName::parse)
                        .orElseGet(() -> ModelName.parse(Setting.DEFAULT_MODEL.standard())),
                ProviderConfig.read(environment),
                environment
                        .parsed(Setting.PRICES_FILE, file -> WatchedFile.read(Path.of(file), Prices::parse))
                        .orElseGet(() -> WatchedFile.fixed(Prices.builtIn())),
                environment
                        .parsed(Setting.MODELS_FILE, file -> WatchedFile.read(Path.of(file), Aliases::parse))
                        .orElseGet(() -> WatchedFile.fixed(Aliases.NONE)));
    }
}
