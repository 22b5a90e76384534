package io.temponest.gateway.http;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.gateway.http.RateHeaders.Counted;
import io.temponest.gateway.limit.Quota;
import io.temponest.gateway.limit.Usage;
import io.vertx.core.MultiMap;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class RateHeadersTest {

    @ParameterizedTest
    @CsvSource({
        "0,0ms",
        "120,120ms",
        "999,999ms",
        "1000,1s",
        "1001,2s",
        "59999,1m0s",
        "360000,6m0s",
        "61000,1m1s",
        "3600000,1h0m0s",
        "3723000,1h2m3s",
        "86400000,24h0m0s"
    })
    void spansAreWrittenAsClientsReadThem(long millis, String expected) {
        assertThat(RateHeaders.span(Duration.ofMillis(millis))).isEqualTo(expected);
    }

    @Test
    void requestsHaveBothFamiliesOfHeaders() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        RateHeaders.put(headers, Counted.REQUESTS, new Usage(Quota.perMinute(20), 7, Duration.ofMillis(59_400)));

        assertThat(headers.get("RateLimit-Limit")).isEqualTo("20");
        assertThat(headers.get("RateLimit-Remaining")).isEqualTo("7");
        assertThat(headers.get("RateLimit-Reset")).isEqualTo("60");
        assertThat(headers.get("x-ratelimit-limit-requests")).isEqualTo("20");
        assertThat(headers.get("x-ratelimit-remaining-requests")).isEqualTo("7");
        assertThat(headers.get("x-ratelimit-reset-requests")).isEqualTo("1m0s");
    }

    @Test
    void tokensHaveHeadersOfTheirOwnBesideThem() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        RateHeaders.put(headers, Counted.REQUESTS, new Usage(Quota.perMinute(20), 7, Duration.ofSeconds(1)));
        RateHeaders.put(headers, Counted.TOKENS, new Usage(Quota.perMinute(5_000), 4_000, Duration.ofSeconds(3)));

        assertThat(headers.get("RateLimit-Limit")).isEqualTo("20");
        assertThat(headers.get("x-ratelimit-limit-tokens")).isEqualTo("5000");
        assertThat(headers.get("x-ratelimit-reset-tokens")).isEqualTo("3s");
    }

    @Test
    void pagesMayReadAllThatIsSentAndNothingElseOfThatName() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        RateHeaders.put(headers, Counted.REQUESTS, new Usage(Quota.perMinute(20), 7, Duration.ofSeconds(1)));
        RateHeaders.put(headers, Counted.TOKENS, new Usage(Quota.perMinute(20), 7, Duration.ofSeconds(1)));

        assertThat(Cors.ANSWER_HEADERS.split(", "))
                .contains("retry-after", "retry-after-ms", "idempotency-replayed")
                .filteredOn(name -> name.contains("ratelimit"))
                .containsExactlyInAnyOrderElementsOf(headers.names());
    }

    @Test
    void aRefusalSaysInWholeSecondsAndInMillisecondsWhenToComeAgain() {
        MultiMap headers = MultiMap.caseInsensitiveMultiMap();
        RateHeaders.retryAfter(headers, Duration.ofMillis(1_200));

        assertThat(headers.get("Retry-After")).isEqualTo("2");
        assertThat(headers.get("retry-after-ms")).isEqualTo("1200");
    }
}
