package io.temponest.conformance;

import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.UnaryOperator;

/**
 * One thing that must go well, or fail well, with every SDK that can do it.
 *
 * @param voice of the provider, where there is one
 * @param arranged what the provider does
 * @param expected of an SDK
 * @param also what else must be so afterwards; throws an {@link AssertionError} when it is not
 */
record Case(
        String name,
        Optional<Voice> voice,
        Wanted wanted,
        Consumer<Trial> arranged,
        Function<Sdk, Expected> expected,
        Consumer<Trial> also) {

    /**
     * What the SDK is asked for.
     *
     * @param model that it names
     * @param key that it has
     */
    record Wanted(Verb verb, Function<Trial, String> model, Function<Trial, String> key, String prompt, int times) {

        Wanted of(Function<Trial, String> other) {
            return new Wanted(verb, other, key, prompt, times);
        }

        Wanted with(Function<Trial, String> other) {
            return new Wanted(verb, model, other, prompt, times);
        }

        Wanted saying(String unit, int number) {
            return new Wanted(verb, model, key, unit, number);
        }
    }

    private static Case of(String name, Optional<Voice> voice, Verb verb, Function<Trial, String> model) {
        Wanted wanted = new Wanted(verb, model, trial -> trial.stage().key(), "Hi, 北京!", 1);
        return new Case(name, voice, wanted, trial -> {}, sdk -> Expected.answer("", 1, 0), trial -> {});
    }

    static Case of(String name, Verb verb, Voice voice) {
        return of(name, Optional.of(voice), verb, trial -> voice.provider() + "/" + trial.id());
    }

    /** Without a provider. */
    static Case of(String name, Verb verb, String model) {
        return of(name, Optional.empty(), verb, trial -> model);
    }

    Case wanting(UnaryOperator<Wanted> change) {
        return new Case(name, voice, change.apply(wanted), arranged, expected, also);
    }

    Case arranged(Consumer<Trial> acts) {
        return new Case(name, voice, wanted, acts, expected, also);
    }

    Case expected(Function<Sdk, Expected> right) {
        return new Case(name, voice, wanted, arranged, right, also);
    }

    Case also(Consumer<Trial> check) {
        return new Case(name, voice, wanted, arranged, expected, check);
    }

    /** With the form of the provider, where there is one. */
    String title() {
        return voice.map(known -> name + " · " + known.form()).orElse(name);
    }

    Verb verb() {
        return wanted.verb();
    }
}
