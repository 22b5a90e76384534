package io.temponest.gateway.costs;

import java.util.List;
import java.util.stream.Collectors;

/**
 * Lines of comma-separated values as RFC 4180 has them. A value that a spreadsheet would take for a formula gets an apostrophe in
 * front, as OWASP's page on CSV injection advises: callers choose the names of models.
 */
final class Csv {

    /** What formulas begin with; the last four are those that some programs take for the first. */
    private static final String FORMULA = "=+-@\t\r\n\uFF1D\uFF0B\uFF0D\uFF20";

    private static final String NEEDS_QUOTES = "\",\r\n";

    private Csv() {}

    static String line(List<String> values) {
        return values.stream().map(Csv::value).collect(Collectors.joining(",", "", "\r\n"));
    }

    private static String value(String text) {
        String safe = isFormula(text) ? "'" + text : text;
        boolean quoted = safe.chars().anyMatch(unit -> NEEDS_QUOTES.indexOf(unit) >= 0);
        return quoted ? '"' + safe.replace("\"", "\"\"") + '"' : safe;
    }

    private static boolean isFormula(String text) {
        String seen = text.stripLeading();
        return !text.isEmpty()
                && (FORMULA.indexOf(text.charAt(0)) >= 0 || (!seen.isEmpty() && FORMULA.indexOf(seen.charAt(0)) >= 0));
    }
}
