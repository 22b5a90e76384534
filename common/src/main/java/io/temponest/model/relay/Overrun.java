package io.temponest.model.relay;

import io.temponest.model.relay.Estimates.Estimate;
import io.temponest.model.wire.UsageMeter;
import io.temponest.model.wire.answer.Tokens;
import io.temponest.spend.Ticket;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import java.math.BigDecimal;
import java.util.Optional;

/**
 * Finds out when an answer has cost more than its hard budgets have left. Providers say what they used at the end, so it is
 * estimated twice from what has passed: as is likely, to take more from the budgets in time, and at the least, so that no answer
 * is stopped that kept to its limit. Lives on one event loop.
 */
final class Overrun {

    /** No vocabulary in use has as many characters a token over a whole answer. */
    private static final int MOST_CHARACTERS_PER_TOKEN = 8;

    /** What is taken from the budgets at once, so as not to ask for each event. */
    private static final int TOKENS_AHEAD = 256;

    private final Estimate estimate;
    private final Ticket ticket;
    private final boolean bounded;
    private boolean begun;

    Overrun(Estimate estimate, Ticket ticket) {
        this.estimate = estimate;
        this.ticket = ticket;
        this.bounded = ticket.hard() && estimate.perOutputToken().signum() > 0;
    }

    /** Whether it is so since the last event; true once. */
    boolean begins(UsageMeter meter) {
        // Who has said why it ends costs nothing more, where it is the only one.
        boolean ending = estimate.choices() == 1 && meter.finishReason().isPresent();
        if (!bounded || begun || ending) {
            return false;
        }
        BigDecimal granted = ticket.granted().amount();
        BigDecimal likely = cost(meter, Settling.CHARACTERS_PER_TOKEN);
        if (likely.compareTo(granted) <= 0) {
            return false;
        }
        Usd missing = Usd.ceil(likely.subtract(granted));
        Usd ahead = Usd.ceil(estimate.perOutputToken().multiply(BigDecimal.valueOf(TOKENS_AHEAD)));
        if (ticket.extend(missing.plus(ahead)) || ticket.extend(missing)) {
            return false;
        }
        begun = cost(meter, MOST_CHARACTERS_PER_TOKEN).compareTo(granted) > 0;
        return begun;
    }

    private BigDecimal cost(UsageMeter meter, int charactersPerToken) {
        long counted = meter.outputCharacters() / charactersPerToken;
        Optional<Tokens> told = meter.tokens();
        if (told.isEmpty()) {
            return estimate.input().add(estimate.price().cost(new Usage(0, 0, counted, true)));
        }
        long output = Math.max(counted, told.get().output());
        Usage usage = new Usage(told.get().input(), told.get().cached(), output, true);
        return estimate.price().cost(usage, told.get().cacheWritten());
    }
}
