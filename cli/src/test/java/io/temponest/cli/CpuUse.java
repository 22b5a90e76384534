package io.temponest.cli;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Locale;
import java.util.stream.Stream;

/**
 * How busy a machine with Linux has been so far, and with whom.
 *
 * @param at a value of {@link System#nanoTime()}
 * @param busy CPU seconds of all processes
 * @param own CPU seconds of this process, those that work in a folder, and the children of both
 */
record CpuUse(long at, double busy, double own) {

    private static final double TICKS_PER_SECOND = 100;

    static CpuUse now(Path folder) throws IOException {
        // cpu user nice system idle iowait irq softirq steal …
        long[] ticks = Arrays.stream(
                        Files.readAllLines(Path.of("/proc/stat")).getFirst().split(" +"))
                .skip(1)
                .mapToLong(Long::parseLong)
                .toArray();
        double busy = (ticks[0] + ticks[1] + ticks[2] + ticks[5] + ticks[6]) / TICKS_PER_SECOND;
        double own = Stream.concat(
                        Stream.of(ProcessHandle.current()),
                        ProcessHandle.allProcesses()
                                .filter(process -> process.info()
                                        .commandLine()
                                        .filter(line -> line.contains(folder.toString()))
                                        .isPresent()))
                .flatMap(process -> Stream.concat(Stream.of(process), process.descendants()))
                .distinct()
                .map(process -> process.info().totalCpuDuration().orElse(Duration.ZERO))
                .mapToDouble(time -> time.toNanos() / 1e9)
                .sum();
        return new CpuUse(System.nanoTime(), busy, own);
    }

    /** In cores, on average since an earlier moment. */
    String since(CpuUse before) {
        double seconds = (at - before.at) / 1e9;
        double ours = (own - before.own) / seconds;
        return String.format(
                Locale.ROOT,
                "%.2f of %d cores by the product and this program, %.2f by others",
                ours,
                Runtime.getRuntime().availableProcessors(),
                Math.max(0, (busy - before.busy) / seconds - ours));
    }
}
