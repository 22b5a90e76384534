package io.temponest.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class RedisUrlTest {

    @Test
    void namesTheServerAndHidesThePassword() {
        RedisUrl url = RedisUrl.parse(" redis://:secret@cache.example/2 ");

        assertThat(url.host()).isEqualTo("cache.example");
        assertThat(url.port()).isEqualTo(6379);
        assertThat(url.whole().reveal()).isEqualTo("redis://:secret@cache.example/2");
        assertThat(url.toString()).doesNotContain("secret");
    }

    @ParameterizedTest
    @ValueSource(strings = {"localhost:6379", "http://localhost", "redis:///1", "redis://a b"})
    void whatNamesNoRedisIsRefused(String text) {
        assertThatThrownBy(() -> RedisUrl.parse(text)).isInstanceOf(IllegalArgumentException.class);
    }
}
