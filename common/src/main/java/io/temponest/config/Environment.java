package io.temponest.config;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Where settings come from, flags before environment, and the list of mistakes found while reading them. Reading never
 * throws; {@link #check} does, with all mistakes.
 */
public final class Environment {

    private static final String PROVIDER = Setting.PREFIX + "PROVIDER_";
    private static final String OIDC = Setting.PREFIX + "OIDC_";
    private static final String FILE = "_FILE";

    private static final Pattern OIDC_VARIABLE =
            Pattern.compile(OIDC + "(\\w+?)_(?:ISSUER|CLIENT_ID|CLIENT_SECRET)(?:" + FILE + ")?");

    private final Map<String, String> variables;
    private final Set<String> problems = new LinkedHashSet<>();

    /** @param variables by full name, such as {@code TEMPONEST_HTTP_PORT}; others are ignored */
    public Environment(Map<String, String> variables) {
        this.variables = Map.copyOf(variables);
        Set<String> known = Arrays.stream(Setting.values())
                .flatMap(s -> List.of(s.variable(), s.variable() + FILE).stream())
                .collect(Collectors.toSet());
        new TreeSet<>(this.variables.keySet())
                .stream()
                        .filter(name -> name.startsWith(Setting.PREFIX) && !name.startsWith(PROVIDER))
                        .filter(name -> !known.contains(name) && !name.equals("TEMPONEST_JAVA_HOME"))
                        .filter(name -> !OIDC_VARIABLE.matcher(name).matches())
                        .forEach(name -> problems.add(name + " is not a setting of TempoNest"));
    }

    public String text(Setting setting) {
        return optional(setting).orElse(setting.standard());
    }

    public Optional<String> optional(Setting setting) {
        return value(setting.variable());
    }

    public Optional<Secret> secret(Setting setting) {
        return optional(setting).map(Secret::new);
    }

    public int number(Setting setting, int least, int most) {
        String text = text(setting);
        try {
            int value = Integer.parseInt(text);
            if (value >= least && value <= most) {
                return value;
            }
        } catch (NumberFormatException e) {
            // reported below, as a number out of range is
        }
        problems.add(
                "%s must be a whole number from %d to %d, not '%s'".formatted(setting.variable(), least, most, text));
        return Integer.parseInt(setting.standard());
    }

    public <E extends Enum<E>> E choice(Setting setting, Class<E> type) {
        String text = text(setting);
        List<E> choices = List.of(type.getEnumConstants());
        return choices.stream()
                .filter(c -> c.name().equalsIgnoreCase(text))
                .findFirst()
                .orElseGet(() -> {
                    String names = choices.stream()
                            .map(c -> c.name().toLowerCase(Locale.ROOT))
                            .collect(Collectors.joining(", "));
                    problems.add("%s must be one of %s, not '%s'".formatted(setting.variable(), names, text));
                    return choices.getFirst();
                });
    }

    /** A value of the form that a parser accepts; the parser's {@link IllegalArgumentException} becomes a mistake. */
    public <T> Optional<T> parsed(Setting setting, Function<String, T> parser) {
        return optional(setting).flatMap(text -> {
            try {
                return Optional.of(parser.apply(text));
            } catch (IllegalArgumentException e) {
                problems.add(setting.variable() + ": " + e.getMessage());
                return Optional.empty();
            }
        });
    }

    public List<String> list(Setting setting) {
        return Arrays.stream(text(setting).split(","))
                .map(String::strip)
                .filter(s -> !s.isEmpty())
                .toList();
    }

    public Path path(Setting setting) {
        return Path.of(text(setting)).toAbsolutePath().normalize();
    }

    /** The names between {@code TEMPONEST_PROVIDER_} and {@code _KIND}, in lower case and order. */
    public List<String> providerNames() {
        return variables.keySet().stream()
                .filter(name -> name.startsWith(PROVIDER) && name.endsWith("_KIND"))
                .map(name -> name.substring(PROVIDER.length(), name.length() - "_KIND".length()))
                .map(name -> name.toLowerCase(Locale.ROOT))
                .sorted()
                .toList();
    }

    public Optional<String> provider(String name, String key) {
        return value(providerVariable(name, key));
    }

    /** The full name of a provider's variable. */
    public String providerVariable(String name, String key) {
        return PROVIDER + name.toUpperCase(Locale.ROOT) + "_" + key;
    }

    /** The names of OpenID Connect providers that anything is said of, in lower case and order. */
    public List<String> oidcNames() {
        return variables.keySet().stream()
                .map(OIDC_VARIABLE::matcher)
                .filter(Matcher::matches)
                .map(variable -> variable.group(1).toLowerCase(Locale.ROOT))
                .distinct()
                .sorted()
                .toList();
    }

    public Optional<String> oidc(String name, String key) {
        return value(oidcVariable(name, key));
    }

    /** The full name of a variable of an OpenID Connect provider. */
    public String oidcVariable(String name, String key) {
        return OIDC + name.toUpperCase(Locale.ROOT) + "_" + key;
    }

    /** The files that hold secrets, by the variable that names them. */
    public Map<String, Path> secretFiles() {
        Map<String, Path> files = new TreeMap<>();
        variables.forEach((name, value) -> {
            boolean holdsValue = name.endsWith(FILE)
                    && !name.equals(Setting.PRICES_FILE.variable())
                    && !name.equals(Setting.MODELS_FILE.variable())
                    && !name.equals(Setting.LIMITS_FILE.variable());
            boolean holdsSecret = (holdsValue && name.startsWith(Setting.PREFIX))
                    || name.equals(Setting.JWT_KEYS.variable())
                    || name.equals(Setting.TLS_KEY.variable())
                    || name.equals(Setting.CLUSTER_TLS_KEY.variable());
            if (holdsSecret && !value.isBlank()) {
                files.put(name, Path.of(value));
            }
        });
        return files;
    }

    /** Adds a mistake that only the reader of a value can see. */
    public void problem(String text) {
        problems.add(text);
    }

    /** @throws ConfigException when anything that was read so far was wrong */
    public void check() {
        if (!problems.isEmpty()) {
            throw new ConfigException(List.copyOf(problems));
        }
    }

    private Optional<String> value(String variable) {
        String direct = variables.get(variable);
        String file = variables.get(variable + FILE);
        if (direct != null && file != null) {
            problems.add("%s and %s are both set; choose one".formatted(variable, variable + FILE));
        }
        if (direct == null && file != null) {
            return contents(variable + FILE, file);
        }
        return Optional.ofNullable(direct).map(String::strip).filter(s -> !s.isEmpty());
    }

    private Optional<String> contents(String variable, String file) {
        try {
            return Optional.of(Files.readString(Path.of(file)).strip());
        } catch (IOException e) {
            problems.add("%s: cannot read '%s'".formatted(variable, file));
            return Optional.empty();
        }
    }
}
