package io.temponest.spend;

/** Whether money was had for a call. */
sealed interface Taken {

    record Held(Hold hold) implements Taken {}

    record Refused(HardBudget by) implements Taken {}

    record Unavailable() implements Taken {}
}
