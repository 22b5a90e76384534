package io.temponest.conformance;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.conformance.Seen.Thrown;
import io.temponest.testing.FakeProvider.Act;
import io.temponest.testing.FakeProvider.Asked;
import io.temponest.testing.FakeProvider.Scripts;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;

/** One case with one SDK: what was arranged, and what was seen. */
final class Trial {

    private final Stage stage;
    private final Case what;
    private final Sdk sdk;
    private final String id;
    private final Scripts scripts;
    private final Set<Scripts> others = new LinkedHashSet<>();
    private final CompletableFuture<Void> heard = new CompletableFuture<>();
    private final List<Asked> asked = new ArrayList<>();
    private Optional<Seen> seen = Optional.empty();
    private Optional<Throwable> failure = Optional.empty();

    /** @param number of the case */
    Trial(Stage stage, Case what, int number, Sdk sdk) {
        this.stage = stage;
        this.what = what;
        this.sdk = sdk;
        this.id = "case%d-%s".formatted(number, sdk.name());
        this.scripts = stage.provider().model(id);
    }

    Stage stage() {
        return stage;
    }

    Case what() {
        return what;
    }

    Sdk sdk() {
        return sdk;
    }

    /** The provider's name of a model that no other trial has. */
    String id() {
        return id;
    }

    Voice voice() {
        return what.voice().orElseThrow();
    }

    /** What the provider does for the next request; a first script for the first request. */
    void will(Act... acts) {
        scripts.will(acts);
    }

    /** What the first model of the alias does. */
    Scripts down() {
        return also(Stage.down(sdk));
    }

    /** What the second one does. */
    Scripts up() {
        return also(Stage.up(sdk));
    }

    private Scripts also(String model) {
        Scripts other = stage.provider().model(model);
        others.add(other);
        return other;
    }

    /** So that the provider goes on only when the SDK has handed over the first text. */
    Act whenHeard() {
        return new Act.Hold(heard);
    }

    /** All requests that the provider got. */
    List<Asked> asked() {
        return asked;
    }

    Seen seen() {
        return seen.orElseThrow();
    }

    /** Plays it. Never fails. */
    void run() {
        try {
            what.arranged().accept(this);
            Case.Wanted wanted = what.wanted();
            seen = Optional.of(sdk.perform(new Ask(
                    wanted.verb(),
                    stage.url(),
                    wanted.key().apply(this),
                    wanted.model().apply(this),
                    wanted.prompt(),
                    wanted.times(),
                    () -> heard.complete(null))));
            drain(scripts);
            others.forEach(this::drain);
            check(what.expected().apply(sdk));
            what.also().accept(this);
        } catch (RuntimeException | AssertionError e) {
            failure = Optional.of(e);
        }
    }

    private void drain(Scripts some) {
        asked.addAll(some.all());
    }

    private void check(Expected expected) {
        Optional<Thrown> told = expected.failure().map(sdk.manner().told());
        String shown = "%s with %s: %s".formatted(title(), sdk.title(), shortened(seen().toString()));
        assertThat(seen().thrown().map(Trial::withoutWords)).as(shown).isEqualTo(told.map(Trial::withoutWords));
        told.ifPresent(thrown ->
                assertThat(seen().thrown().orElseThrow().message()).as(shown).contains(thrown.message()));
        assertThat(shortened(seen().text()))
                .as(shown)
                .isEqualTo(shortened(expected.text().apply(stage)));
        assertThat(seen().requests()).as("requests in " + shown).isEqualTo(expected.requests());
        assertThat(asked).as("calls in " + shown).hasSize(expected.calls());
    }

    private static String shortened(String text) {
        return text.length() > 20_000 ? text.substring(0, 20_000) : text;
    }

    private static Thrown withoutWords(Thrown thrown) {
        return new Thrown(thrown.type(), thrown.status(), thrown.code(), "");
    }

    String title() {
        return what.title();
    }

    /** Throws what was wrong. */
    void assertRight() throws Throwable {
        if (failure.isPresent()) {
            throw failure.get();
        }
    }

    /** For people: requests and calls of the provider, and whether they were right. */
    String figures() {
        return (failure.isPresent() ? "!" : "")
                + seen.map(known -> known.requests() + "/" + asked.size()).orElse("");
    }
}
