package io.temponest.webhook;

import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.random.RandomGenerator;
import java.util.stream.Stream;

/**
 * When what could not be delivered is tried again.
 *
 * @param delays after the first failure, the second and so on; after the last one it is given up. None: it is tried once
 */
public record RetryPolicy(List<Duration> delays) {

    private static final int MOST = 20;
    private static final Duration LONGEST = Duration.ofDays(1);
    private static final double JITTER = 0.2;

    public static final RetryPolicy STANDARD = new RetryPolicy(Stream.of(5, 30, 120, 600, 1_800, 7_200, 21_600, 86_400)
            .map(Duration::ofSeconds)
            .toList());

    public RetryPolicy {
        delays = List.copyOf(delays);
        boolean inRange = delays.stream().allMatch(delay -> delay.toSeconds() >= 1 && delay.compareTo(LONGEST) <= 0);
        if (delays.size() > MOST || !inRange) {
            throw new IllegalArgumentException(
                    "retry_seconds must be at most %d whole numbers from 1 to %d".formatted(MOST, LONGEST.toSeconds()));
        }
    }

    public static RetryPolicy ofSeconds(List<Integer> seconds) {
        return new RetryPolicy(seconds.stream().map(Duration::ofSeconds).toList());
    }

    public List<Integer> seconds() {
        return delays.stream().map(delay -> (int) delay.toSeconds()).toList();
    }

    /**
     * The wait after an attempt that failed: the policy's, a fifth more or less, so that those who failed together do not come
     * back together; longer where the receiver says so, up to a day.
     *
     * @param attempt from 1
     * @param asked by the receiver
     * @return empty where it is given up
     */
    public Optional<Duration> after(int attempt, Optional<Duration> asked, RandomGenerator random) {
        if (attempt > delays.size()) {
            return Optional.empty();
        }
        double factor = 1 - JITTER + 2 * JITTER * random.nextDouble();
        Duration planned = Duration.ofMillis(Math.round(delays.get(attempt - 1).toMillis() * factor));
        return asked.filter(wait -> wait.compareTo(planned) > 0)
                .map(wait -> wait.compareTo(LONGEST) > 0 ? LONGEST : wait)
                .or(() -> Optional.of(planned));
    }
}
