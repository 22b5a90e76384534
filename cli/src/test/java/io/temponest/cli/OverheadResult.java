package io.temponest.cli;

import java.io.IOException;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/** What {@link OverheadBenchmark} measured. Times in microseconds. */
record OverheadResult(
        String machine,
        Map<String, Map<String, Latency>> latencies,
        Map<String, Throughput> throughput,
        Map<String, Streaming> streams,
        List<Double> residentMib) {

    private static final String BEGIN = "<!-- bench/overhead -->\n";
    private static final String END = "<!-- end -->\n";

    record Latency(double p50, double p99) {

        static Latency of(long[] nanos) {
            Arrays.sort(nanos);
            return new Latency(nanos[nanos.length / 2] / 1e3, nanos[(int) Math.ceil(nanos.length * 0.99) - 1] / 1e3);
        }
    }

    record Throughput(double perSecond, double cpuMicros, double ownCpuMicros) {}

    record Streaming(int streams, long frames, double cpuMicrosPerFrame, double ownCpuMicrosPerFrame) {}

    /** Puts the table into a document, between its marks. */
    void writeInto(Path document) throws IOException {
        StringBuilder table = new StringBuilder("%s. Times in µs; \"added\" is over direct.%n%n".formatted(machine()));
        table.append(
                "| way | added p50, 20 ms upstream | added p99 | added p50, instant upstream | added p99 | requests/s | of bare | CPU per request (with PostgreSQL) | CPU per SSE frame (with PostgreSQL) |\n");
        table.append("|---|---|---|---|---|---|---|---|---|\n");
        double bare = known(throughput(), "bare Vert.x proxy").perSecond();
        throughput().forEach((name, load) -> {
            table.append("| ").append(name);
            for (String speed : List.of("slow", "instant")) {
                Latency direct = known(known(latencies(), speed), "direct");
                Latency here = known(known(latencies(), speed), name);
                table.append(
                        " | %s | %s".formatted(whole(here.p50() - direct.p50()), whole(here.p99() - direct.p99())));
            }
            table.append(" | %s | %.2f".formatted(whole(load.perSecond()), load.perSecond() / bare));
            table.append(" | %s (%s)".formatted(whole(load.ownCpuMicros()), whole(load.cpuMicros())));
            Optional<Streaming> frames = Optional.ofNullable(streams().get(name));
            table.append(" | %s |\n"
                    .formatted(
                            frames.map(of -> "%.1f (%.1f)".formatted(of.ownCpuMicrosPerFrame(), of.cpuMicrosPerFrame()))
                                    .orElse("")));
        });
        table.append(
                "%n%d streams at once of %d frames each, all intact. Resident memory of the gateway between the parts: %s MiB.%n"
                        .formatted(
                                known(streams(), "TempoNest").streams(),
                                MockModels.FRAMES,
                                residentMib().stream()
                                        .map(OverheadResult::whole)
                                        .toList()));
        System.out.println(table);
        String text = Files.readString(document);
        int begin = text.indexOf(BEGIN) + BEGIN.length();
        Files.writeString(document, text.substring(0, begin) + table + text.substring(text.indexOf(END, begin)));
    }

    private static <T> T known(Map<String, T> map, String name) {
        return Objects.requireNonNull(map.get(name), name);
    }

    private static String whole(double number) {
        return Double.isNaN(number)
                ? "-"
                : BigDecimal.valueOf(number).setScale(0, RoundingMode.HALF_UP).toPlainString();
    }
}
