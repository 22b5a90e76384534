package io.temponest.spend;

import java.time.Duration;

/**
 * How soon and how often; tests go faster.
 *
 * @param flushWithin how long a settlement may wait for others to go to the ledger with
 * @param reserveAfter how long a call may be open before it is written to PostgreSQL too
 * @param budgetsEvery how often budgets are read again
 * @param surplusAfter how long money that nobody uses stays here
 * @param askAgain how soon a node with calls that wait asks again for money
 * @param heartbeatEvery how often a node says that it lives
 * @param life how long a node lives without saying so
 * @param longestWait of a call for money, and then for room in the journal
 * @param stopWithin how long a stop waits for settlements and their flush
 */
record SpendPace(
        Duration flushWithin,
        Duration reserveAfter,
        Duration budgetsEvery,
        Duration surplusAfter,
        Duration askAgain,
        Duration heartbeatEvery,
        Duration life,
        Duration longestWait,
        Duration stopWithin) {

    static final SpendPace STANDARD = new SpendPace(
            Duration.ofMillis(20),
            Duration.ofMillis(250),
            Duration.ofSeconds(1),
            Duration.ofSeconds(10),
            Duration.ofMillis(50),
            Duration.ofSeconds(5),
            Duration.ofSeconds(30),
            Duration.ofSeconds(5),
            Duration.ofSeconds(5));
}
