package io.temponest.cli;

import io.temponest.config.Setting;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParseResult;

/** A flag for every {@link Setting}, so that neither can be forgotten, and two for those whose names are the user's. */
final class SettingFlags {

    private static final String CONFIG = "--config";
    private static final String SET = "--set";

    private SettingFlags() {}

    static void addTo(CommandSpec command) {
        for (Setting setting : Setting.values()) {
            command.addOption(OptionSpec.builder(flag(setting))
                    .type(String.class)
                    .paramLabel("VALUE")
                    .description(description(setting))
                    .build());
        }
        command.addOption(OptionSpec.builder(CONFIG)
                .type(Path.class)
                .paramLabel("FILE")
                .description("properties file; counts for less than environment and flags"
                        + " (default: temponest.properties in the data folder)")
                .build());
        command.addOption(OptionSpec.builder(SET)
                .type(List.class)
                .auxiliaryTypes(String.class)
                .arity("1")
                .paramLabel("KEY=VALUE")
                .description("any setting by its name, such as PROVIDER_LOCAL_KIND=ollama; may be repeated")
                .build());
    }

    private static String flag(Setting setting) {
        return "--" + setting.name().toLowerCase(Locale.ROOT).replace('_', '-');
    }

    private static String description(Setting setting) {
        String meaning = setting.meaning().replace("`", "").replace("%", "%%");
        return setting.standard().isEmpty() ? meaning : meaning + " (default: " + setting.standard() + ")";
    }

    /** The settings of a command line together with the process's environment. */
    static Settings read(ParseResult given, Map<String, String> environment) {
        Map<String, String> flags = new HashMap<>();
        for (Setting setting : Setting.values()) {
            Optional.ofNullable(given.matchedOptionValue(flag(setting), (String) null))
                    .ifPresent(value -> flags.put(setting.variable(), value));
        }
        List<String> others = new ArrayList<>(given.matchedOptionValue(SET, List.<String>of()));
        for (String pair : others) {
            int equals = pair.indexOf('=');
            if (equals < 1) {
                throw new UsageException("%s takes KEY=VALUE, not '%s'".formatted(SET, pair));
            }
            flags.put(pair.substring(0, equals), pair.substring(equals + 1));
        }
        return new Settings(flags, environment, Optional.ofNullable(given.matchedOptionValue(CONFIG, (Path) null)));
    }
}
