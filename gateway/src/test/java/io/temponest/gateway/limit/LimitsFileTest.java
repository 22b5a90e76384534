package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LimitsFileTest {

    @TempDir
    private Path folder;

    private Path file(String json) throws IOException {
        return Files.writeString(folder.resolve("limits.json"), json);
    }

    private static Map<Subject, Quota> login(LimitRules rules) {
        return rules.open().getOrDefault(RouteClass.LOGIN, Map.of());
    }

    @Test
    void theBuiltInOnesAreTheTrackersWhereNobodyIsKnownYet() {
        LimitRules rules = LimitsFile.builtIn().rules();

        assertThat(login(rules))
                .containsEntry(Subject.ADDRESS, Quota.perMinute(5))
                .containsEntry(Subject.ACCOUNT, Quota.perMinute(5));
        assertThat(rules.open().get(RouteClass.REGISTER))
                .containsEntry(Subject.ADDRESS, new Quota(3, Duration.ofHours(1)));
        assertThat(rules.open().get(RouteClass.REFRESH)).containsEntry(Subject.ADDRESS, Quota.perMinute(10));
        assertThat(rules.plan("developer").requests().get(RouteClass.EXECUTE))
                .containsEntry(Subject.USER, Quota.perMinute(20));
        assertThat(rules.plans()).containsOnlyKeys("free", "developer", "enterprise");
    }

    @Test
    void aFileOverridesInPartAndTakesAwayWithNull() throws IOException {
        LimitRules rules = LimitsFile.read(file("""
                {"open": {"login": {"address": "50/10s", "account": null}}, "plans": {"free": {"streams": 3}}}""")).rules();

        assertThat(login(rules)).containsExactly(Map.entry(Subject.ADDRESS, new Quota(50, Duration.ofSeconds(10))));
        assertThat(rules.plan("free").streams()).isEqualTo(3);
        assertThat(rules.plan("free").requests())
                .isEqualTo(LimitsFile.builtIn().rules().plan("free").requests());
    }

    @Test
    void aPlanThatLeavesOpenWhatGuessesOrSpendsIsRefused() throws IOException {
        Path wrong = file("""
                {"plans": {"free": {"requests": {"reset": null, "api_key_create": {"tenant": null}}},
                           "gold": {"streams": 1}}}""");

        assertThatThrownBy(() -> LimitsFile.read(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("plans.free.requests.reset: must hold a limit")
                .hasMessageContaining("plans.free.requests.api_key_create: must hold a limit")
                .hasMessageContaining("plans.gold.requests.execute: must hold a limit");
    }

    @Test
    void aPlanThatIsNotDescribedIsHeldToTheLeast() {
        LimitRules rules = LimitsFile.builtIn().rules();

        assertThat(rules.plan("gold")).isEqualTo(rules.plan("free"));
    }

    @Test
    void everyMistakeIsNamedWithItsPlace() throws IOException {
        Path wrong = file("""
                {"open": {"login": {"address": "5/fortnight", "tenant": "1/min"}, "logon": {}},
                 "plans": {"free": {"streams": 0, "requests": {"read": {"user": "0/min"}}}}, "extra": 1}""");

        assertThatThrownBy(() -> LimitsFile.read(wrong))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessageContaining("open.login.address: '5/fortnight' must have a form like 5/min")
                .hasMessageContaining("open.login.tenant: must be one of address, account")
                .hasMessageContaining("open.logon: must be one of probe, public, read")
                .hasMessageContaining("plans.free.streams: must be a whole number from 1 to 100000")
                .hasMessageContaining("plans.free.requests.read.user: a limit must be from 1 to 1000000000")
                .hasMessageContaining("extra is not known here");
        assertThatThrownBy(() -> LimitsFile.read(file("{"))).hasMessageContaining("is not JSON");
        assertThatThrownBy(() -> LimitsFile.read(folder.resolve("none"))).hasMessageContaining("cannot read");
    }

    @Test
    void aFileThatIsReadAgainHoldsFromThenOnAndAWrongOneChangesNothing() throws IOException {
        LimitsFile limits = LimitsFile.read(file("{\"plans\": {\"free\": {\"streams\": 3}}}"));
        assertThat(limits.reload()).isFalse();

        file("{\"plans\": {\"free\": {\"streams\": 44}}}");
        assertThat(limits.reload()).isTrue();
        assertThat(limits.rules().plan("free").streams()).isEqualTo(44);

        file("{\"plans\": {\"free\": {\"streams\": \"many\"}}}");
        assertThatThrownBy(limits::reload).hasMessageContaining("plans.free.streams");
        assertThat(limits.rules().plan("free").streams()).isEqualTo(44);
    }
}
