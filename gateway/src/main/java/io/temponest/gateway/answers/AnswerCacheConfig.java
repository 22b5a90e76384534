package io.temponest.gateway.answers;

import io.temponest.config.Environment;
import io.temponest.config.Setting;
import java.time.Duration;

/**
 * How answers are kept.
 *
 * @param life how old one may get
 * @param similarity the cosine from which on two questions are alike, where a request does not say
 */
public record AnswerCacheConfig(Duration life, double similarity) {

    private static final int LONGEST_S = 86_400;

    public static AnswerCacheConfig read(Environment environment) {
        return new AnswerCacheConfig(
                Duration.ofSeconds(environment.number(Setting.ANSWER_CACHE_LIFE, 1, LONGEST_S)),
                environment
                        .parsed(Setting.ANSWER_CACHE_SIMILARITY, CacheWish::similarity)
                        .orElse(Double.valueOf(Setting.ANSWER_CACHE_SIMILARITY.standard())));
    }
}
