package io.temponest.model.relay;

import com.github.benmanes.caffeine.cache.Cache;
import com.github.benmanes.caffeine.cache.Caffeine;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.temponest.model.Price;
import io.temponest.model.ProviderKind.Operation;
import io.temponest.spend.Account;
import io.temponest.spend.SpendCall;
import io.temponest.spend.Ticket;
import io.temponest.spend.Usage;
import io.temponest.spend.Usd;
import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalLong;

/**
 * What a call may cost, before it is made: the input from its bytes, the output from its limit. Providers count differently
 * than one expects; what the tenant's last calls to a model did cost corrects both ends. Safe for any thread.
 */
final class Estimates {

    /** Text has three to four bytes a token in most languages and vocabularies; fewer bytes are dearer, and so on the safe side. */
    private static final int BYTES_PER_TOKEN = 3;

    /** What current models count for a picture at most, in tokens, unless it is asked for in detail. */
    static final int TOKENS_PER_IMAGE = 2_048;

    /** The output that is reserved where the request sets no limit. */
    static final int STANDARD_OUTPUT = 16_384;

    /** About what current models write of each answer; most are slower. */
    private static final int TOKENS_PER_SECOND = 100;

    private static final int MILLIS_PER_SECOND = 1_000;
    private static final int MOST_REMEMBERED = 10_000;
    private static final BigDecimal MILLION = BigDecimal.valueOf(1_000_000);

    private final Cache<Whose, Recent> recent = Caffeine.newBuilder()
            // To wake another thread costs more than what is to be done.
            .executor(Runnable::run)
            .maximumSize(MOST_REMEMBERED)
            .build();

    /** Calls at another price say nothing of what the next one costs. */
    private record Whose(TenantId tenant, ModelName model, Price price) {}

    /** The costs of the last calls. */
    private static final class Recent {

        private static final int KEPT = 16;

        private final BigDecimal[] costs = new BigDecimal[KEPT];
        private int count;

        synchronized void add(BigDecimal cost) {
            costs[count % KEPT] = cost;
            count++;
        }

        synchronized BigDecimal least() {
            BigDecimal least = BigDecimal.ZERO;
            for (int i = 0; i < Math.min(count, KEPT); i++) {
                least = i == 0 ? costs[i] : least.min(costs[i]);
            }
            return least;
        }

        synchronized BigDecimal most() {
            BigDecimal most = BigDecimal.ZERO;
            for (int i = 0; i < Math.min(count, KEPT); i++) {
                most = most.max(costs[i]);
            }
            return most;
        }
    }

    /**
     * An estimate.
     *
     * @param price that the call has from now on, whatever changes meanwhile
     * @param input cost that is unavoidable once the request is sent
     * @param limit the output's own limit, in tokens, for each choice; empty where the request sets none
     * @param choices how many answers are wanted
     * @param perOutputToken price
     */
    record Estimate(
            Account account,
            ModelName model,
            Price price,
            BigDecimal input,
            BigDecimal floor,
            BigDecimal ceiling,
            OptionalLong limit,
            int choices,
            BigDecimal perOutputToken) {

        SpendCall spending(TypeId attempt) {
            return new SpendCall(attempt, account, model.provider(), model.model(), Usd.ceil(floor), Usd.ceil(ceiling));
        }

        /**
         * What an answer in one piece may have had of tokens when nobody waited for it any more. Nothing of it has come, but the
         * provider was at work, and charges for that.
         */
        long outputUnseen(Ticket ticket, Duration since) {
            long written = Math.max(1, Math.ceilDiv(since.toMillis() * TOKENS_PER_SECOND, MILLIS_PER_SECOND));
            return Math.min(outputCap(ticket).orElse(mostOutput(limit)), written) * choices;
        }

        /** The limit of each choice that keeps the call within what was granted, where a hard budget applies. */
        OptionalLong outputCap(Ticket ticket) {
            if (!ticket.hard() || perOutputToken.signum() == 0) {
                return OptionalLong.empty();
            }
            Usd granted = ticket.granted();
            if (granted.compareTo(Usd.ceil(ceiling)) >= 0) {
                // Nothing is short, and a limit above the model's own would be refused.
                return OptionalLong.empty();
            }
            long affordable = granted.amount()
                    .subtract(input)
                    .divide(perOutputToken, 0, RoundingMode.FLOOR)
                    .longValue();
            long most = Math.max(1, affordable / choices);
            return limit.isPresent() && limit.getAsLong() <= most ? OptionalLong.empty() : OptionalLong.of(most);
        }
    }

    /** What an answer has of tokens at most, as far as is known before the call is made. */
    private static long mostOutput(OptionalLong limit) {
        return Math.min(limit.orElse(STANDARD_OUTPUT), Integer.MAX_VALUE);
    }

    Estimate of(RelayCall call, ModelName model, Price price) {
        long inputTokens = Math.ceilDiv(call.textBytes(), BYTES_PER_TOKEN)
                + (long) TOKENS_PER_IMAGE * call.scan().images();
        BigDecimal input = price.cost(new Usage(inputTokens, 0, 0, true));
        BigDecimal perOutputToken =
                price.cost(new Usage(0, 0, MILLION.longValue(), true)).divide(MILLION, 16, RoundingMode.CEILING);
        OptionalLong limit = call.operation() == Operation.EMBEDDINGS
                ? OptionalLong.of(0)
                : call.scan().maxOutputTokens();
        int choices = Math.max(1, call.scan().n());
        long output = mostOutput(limit) * choices;
        BigDecimal upper = input.add(perOutputToken.multiply(BigDecimal.valueOf(output)));
        Optional<Recent> last =
                Optional.ofNullable(recent.getIfPresent(new Whose(call.payer().tenant(), model, price)));
        BigDecimal floor = last.map(Recent::least).orElse(BigDecimal.ZERO).max(input);
        BigDecimal ceiling =
                last.map(Recent::most).orElse(BigDecimal.ZERO).max(upper).max(floor);
        return new Estimate(call.payer(), model, price, input, floor, ceiling, limit, choices, perOutputToken);
    }

    /** Remembers what a complete call did cost. */
    void learn(Estimate estimate, BigDecimal cost) {
        Whose whose = new Whose(estimate.account().tenant(), estimate.model(), estimate.price());
        recent.get(whose, fresh -> new Recent()).add(cost);
    }
}
