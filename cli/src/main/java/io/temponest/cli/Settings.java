package io.temponest.cli;

import io.temponest.config.ConfigException;
import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Properties;

/**
 * The places that settings come from: flags win over the environment, the environment over a secret in {@link Vault}, if one is
 * named, and that over the file. Names are those of
 * the environment; in flags and file the prefix {@code TEMPONEST_} may be left out, and case, dots and dashes do not matter.
 *
 * @param flags given on the command line
 * @param environment of the process; what does not start with {@code TEMPONEST_} is ignored
 * @param file named on the command line; absent: {@code temponest.properties} in the data folder, if there is one
 */
record Settings(Map<String, String> flags, Map<String, String> environment, Optional<Path> file) {

    private static final String PREFIX = "TEMPONEST_";
    private static final String FILE = "_FILE";
    private static final String STANDARD_FILE = "temponest.properties";

    Settings {
        flags = Map.copyOf(flags);
        environment = Map.copyOf(environment);
    }

    /** @throws ConfigException when the file cannot be read */
    Environment read() {
        Map<String, String> above = new HashMap<>();
        environment.forEach((name, value) -> {
            if (name.startsWith(PREFIX)) {
                above.put(name, value);
            }
        });
        overlay(above, flags);
        Map<String, String> all = new HashMap<>();
        overlay(all, properties(above));
        overlay(all, above);
        return Vault.named(new Environment(all))
                .map(vault -> overlaid(properties(above), vault.secrets(), above))
                .orElseGet(() -> new Environment(all));
    }

    /** @param layers what counts least first */
    @SafeVarargs
    private static Environment overlaid(Map<String, String>... layers) {
        Map<String, String> all = new HashMap<>();
        for (Map<String, String> layer : layers) {
            overlay(all, layer);
        }
        return new Environment(all);
    }

    /** Puts what counts for more over what counts for less; a value takes the place of a file that holds one, and back. */
    private static void overlay(Map<String, String> below, Map<String, String> above) {
        above.keySet().stream().map(Settings::variable).forEach(name -> {
            below.remove(name + FILE);
            if (name.endsWith(FILE)) {
                below.remove(name.substring(0, name.length() - FILE.length()));
            }
        });
        above.forEach((name, value) -> below.put(variable(name), value));
    }

    /** The full name of a setting. */
    static String variable(String name) {
        String upper = name.strip().toUpperCase(Locale.ROOT).replace('-', '_').replace('.', '_');
        return upper.startsWith(PREFIX) ? upper : PREFIX + upper;
    }

    private Map<String, String> properties(Map<String, String> above) {
        Path standard = Path.of(above.getOrDefault(Setting.DATA_DIR.variable(), Setting.DATA_DIR.standard()))
                .resolve(STANDARD_FILE);
        if (file.isEmpty() && !Files.exists(standard)) {
            return Map.of();
        }
        Path source = file.orElse(standard);
        Map<String, String> properties = load(source);
        if (file.isEmpty()
                && properties.keySet().stream().anyMatch(name -> variable(name).equals(Setting.DATA_DIR.variable()))) {
            throw new ConfigException(
                    List.of("%s: DATA_DIR cannot be set in a file that is looked for there; name the file with --config"
                            .formatted(source)));
        }
        return properties;
    }

    private static Map<String, String> load(Path source) {
        Properties properties = new Properties();
        try (Reader reader = Files.newBufferedReader(source)) {
            properties.load(reader);
        } catch (NoSuchFileException e) {
            throw new ConfigException(List.of("%s: there is no such file".formatted(source)));
        } catch (IOException | IllegalArgumentException e) {
            throw new ConfigException(List.of("%s: cannot be read (%s)".formatted(source, e.getMessage())));
        }
        Map<String, String> map = new HashMap<>();
        properties.stringPropertyNames().forEach(name -> map.put(name, properties.getProperty(name)));
        return map;
    }
}
