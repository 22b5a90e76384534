package io.temponest.conformance;

import io.temponest.conformance.Seen.Thrown;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.function.Function;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** What is right, as tables of {@code docs/CONFORMANCE.md}; the trials say that it is also what was seen. */
final class Table {

    private static final Path FILE = Path.of("..", "docs", "CONFORMANCE.md");
    private static final String FROM_HERE = "<!-- From here on ConformanceTest says what stands here. -->\n";

    private final List<Sdk> sdks;

    Table(List<Sdk> sdks) {
        this.sdks = List.copyOf(sdks);
    }

    /** What stands in the file. */
    static String documented() throws IOException {
        String all = Files.readString(FILE);
        return all.substring(all.indexOf(FROM_HERE) + FROM_HERE.length());
    }

    /** Puts the tables into the file. */
    void write() throws IOException {
        String all = Files.readString(FILE);
        Files.writeString(FILE, all.substring(0, all.indexOf(FROM_HERE) + FROM_HERE.length()) + text());
    }

    String text() {
        return "\n## SDKs\n\n"
                + versions()
                + "\n## Cases\n\n"
                + cases()
                + "\n## How each SDK tells failures\n\n"
                + failures();
    }

    private static String letter(int sdk) {
        return String.valueOf((char) ('A' + sdk));
    }

    private String versions() {
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < sdks.size(); i++) {
            rows.add(List.of(letter(i), sdks.get(i).title(), sdks.get(i).version()));
        }
        return table(List.of("", "SDK and API", "version"), rows);
    }

    private String cases() {
        List<List<String>> rows = new ArrayList<>();
        for (Case one : Script.cases()) {
            rows.add(row(
                    one.title(),
                    sdk -> sdk.verbs().contains(one.verb())
                            ? one.expected().apply(sdk).figures()
                            : "–"));
        }
        List<String> head = new ArrayList<>(List.of("case"));
        IntStream.range(0, sdks.size()).mapToObj(Table::letter).forEach(head::add);
        return table(head, rows);
    }

    private List<String> row(String title, Function<Sdk, String> cell) {
        List<String> row = new ArrayList<>(List.of(title));
        sdks.stream().map(cell).forEach(row::add);
        return row;
    }

    private String failures() {
        List<Failure> shown = List.of(
                Failure.BROKEN,
                Failure.REFUSED,
                Failure.NO_KEY,
                Failure.NO_MODEL,
                Failure.TOO_LARGE,
                Failure.NO_MONEY,
                Failure.DOWN);
        List<List<String>> rows = new ArrayList<>();
        for (int i = 0; i < sdks.size(); i++) {
            Manner manner = sdks.get(i).manner();
            List<String> row = new ArrayList<>(List.of(letter(i)));
            shown.stream().map(manner.told()).map(Table::written).forEach(row::add);
            rows.add(row);
        }
        List<String> head = new ArrayList<>(List.of("", "broken stream"));
        shown.stream()
                .skip(1)
                .map(failure -> Integer.toString(failure.status()))
                .forEach(head::add);
        return table(head, rows);
    }

    private static String written(Thrown thrown) {
        return "`%s`%s".formatted(thrown.type(), thrown.code().isEmpty() ? "" : " `" + thrown.code() + "`");
    }

    private static String table(List<String> head, List<List<String>> rows) {
        return line(head)
                + line(head.stream().map(column -> "---").toList())
                + rows.stream().map(Table::line).collect(Collectors.joining());
    }

    private static String line(List<String> cells) {
        return "| " + String.join(" | ", cells) + " |\n";
    }

    /** What was seen, for the log: requests and calls, and an exclamation mark where it is not what must be. */
    static String seen(List<Sdk> sdks, List<Trial> trials) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < sdks.size(); i++) {
            text.append("%s  %s, %s%n"
                    .formatted(letter(i), sdks.get(i).title(), sdks.get(i).version()));
        }
        text.append("%-58s".formatted("requests/calls"));
        IntStream.range(0, sdks.size()).forEach(i -> text.append("%7s".formatted(letter(i))));
        for (Case one : trials.stream().map(Trial::what).distinct().toList()) {
            text.append("%n%-58s".formatted(one.title()));
            sdks.forEach(sdk -> text.append("%7s"
                    .formatted(trials.stream()
                            .filter(trial ->
                                    trial.what().equals(one) && trial.sdk().equals(sdk))
                            .findFirst()
                            .map(Trial::figures)
                            .orElse("–"))));
        }
        return text.append('\n').toString();
    }
}
