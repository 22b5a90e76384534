package io.temponest.gateway.costs;

import com.fasterxml.jackson.databind.JsonNode;
import io.temponest.audit.AuditEntry;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.http.Preconditions;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.model.ModelName;
import io.temponest.model.Price;
import io.temponest.model.Prices;
import io.temponest.model.price.PriceStore;
import io.temponest.model.price.TenantPrice;
import io.temponest.model.price.TenantPrices;
import io.temponest.spend.Usd;
import io.vertx.core.Future;
import java.math.BigDecimal;
import java.time.DateTimeException;
import java.time.InstantSource;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;

/**
 * What models cost: the table, and the tenant's own prices, which come before it. One's own are made and deleted; what calls
 * did cost stays. A change counts on this node before it is answered, on the others within moments.
 */
public final class PriceEndpoints {

    private static final int FIRST_YEAR = 2000;
    private static final int LAST_YEAR = 2100;

    /** Ten dollars for a thousand tokens: more is a mistake. */
    private static final Usd MOST_PER_MILLION = Usd.parse("10000");

    private final Parts parts;
    private final Changes changes;
    private final InstantSource clock;

    /**
     * What it stands on.
     *
     * @param table the operator's, as it is now
     */
    public record Parts(Supplier<Prices> table, PriceStore own, TenantPrices known) {}

    public PriceEndpoints(Parts parts, Changes changes, InstantSource clock) {
        this.parts = parts;
        this.changes = changes;
        this.clock = clock;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.COSTS_READ);
        Access manage = Access.needs(Permission.BUDGETS_MANAGE);
        return List.of(
                Endpoint.get("/v1/prices", read, this::list),
                Endpoint.post("/v1/prices", manage, BodyKind.JSON, this::create).creating(),
                Endpoint.get("/v1/prices/{price}", read, this::get).single(),
                Endpoint.delete("/v1/prices/{price}", manage, this::delete));
    }

    private Future<Answer> list(Call call) {
        return parts.own().list(call.tenant()).map(own -> {
            List<PriceView> views = PriceView.inEffect(parts.table().get().table(), own, today());
            return Answer.ok(Listing.all(views, PriceView::model));
        });
    }

    private LocalDate today() {
        return clock.instant().atZone(ZoneOffset.UTC).toLocalDate();
    }

    private record CreatePrice(
            Optional<String> model,
            Optional<String> effectiveFrom,
            Optional<JsonNode> inputPerMillionUsd,
            Optional<JsonNode> cachedInputPerMillionUsd,
            Optional<JsonNode> outputPerMillionUsd) {}

    private Future<Answer> create(Call call) {
        return call.body(CreatePrice.class).compose(wanted -> {
            Price price = price(wanted);
            return changes.create(call, sql -> parts.own().create(sql, price).map(made -> created(call, made)))
                    .compose(answer -> known(call, answer));
        });
    }

    private Price price(CreatePrice wanted) {
        String model = Fields.required("model", wanted.model());
        boolean all = model.endsWith("/*") && model.indexOf('/') == model.length() - 2;
        // With a name in place of the star it must be that of a model.
        if (ModelName.find(all ? model.replace('*', 'x') : model).isEmpty()) {
            throw ApiError.invalid(
                            "model", "model_invalid", "'model' must have the form provider/model, or be provider/*.")
                    .exception();
        }
        BigDecimal input = amount("input_per_million_usd", wanted.inputPerMillionUsd());
        return new Price(
                model,
                wanted.effectiveFrom().map(PriceEndpoints::date).orElseGet(this::today),
                input,
                wanted.cachedInputPerMillionUsd().isPresent()
                        ? amount("cached_input_per_million_usd", wanted.cachedInputPerMillionUsd())
                        : input,
                amount("output_per_million_usd", wanted.outputPerMillionUsd()));
    }

    private static BigDecimal amount(String field, Optional<JsonNode> value) {
        Usd amount = UsdFields.required(field, value);
        if (amount.compareTo(MOST_PER_MILLION) > 0) {
            throw Fields.invalid(
                    field, "must be at most " + MOST_PER_MILLION.amount().toBigInteger());
        }
        return amount.amount();
    }

    private static LocalDate date(String text) {
        try {
            LocalDate date = LocalDate.parse(text);
            if (date.getYear() >= FIRST_YEAR && date.getYear() <= LAST_YEAR) {
                return date;
            }
        } catch (DateTimeException e) {
            // refused below, as a date out of range is
        }
        throw Fields.invalid(
                "effective_from", "must be a date from %d to %d, such as 2026-11-24".formatted(FIRST_YEAR, LAST_YEAR));
    }

    private static Made created(Call call, TenantPrice made) {
        return Made.of(Answer.created("/v1/prices/" + made.id(), PriceView.of(made)))
                .audited(entry(call, "price.create", made));
    }

    private static AuditEntry entry(Call call, String action, TenantPrice own) {
        Price price = own.price();
        return AuditEntry.success(
                call.actor(),
                action,
                own.id(),
                Map.of(
                        "model", price.model(),
                        "effective_from", price.from().toString(),
                        "input_per_million_usd", price.input().toPlainString(),
                        "cached_input_per_million_usd", price.cachedInput().toPlainString(),
                        "output_per_million_usd", price.output().toPlainString()));
    }

    private Future<Answer> known(Call call, Answer answer) {
        return parts.known().changed(call.tenant()).map(answer);
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.PRICE);
        return parts.own()
                .find(call.tenant(), id)
                .map(found -> Answer.ok(PriceView.of(found.orElseThrow(() -> missing(id)))));
    }

    private Future<Answer> delete(Call call) {
        TypeId id = call.id(Kind.PRICE);
        Preconditions known = call.ifMatch();
        return changes.change(
                        call,
                        sql -> parts.own().find(sql, id).compose(found -> {
                            TenantPrice price = found.orElseThrow(() -> missing(id));
                            known.check(PriceView.of(price));
                            return parts.own().delete(sql, id).map(gone -> {
                                if (!gone) {
                                    throw missing(id);
                                }
                                return Made.of(new Answer.Empty()).audited(entry(call, "price.delete", price));
                            });
                        }))
                .compose(answer -> known(call, answer));
    }

    private static ApiException missing(TypeId id) {
        return ApiError.notFound("price", id.toString()).exception();
    }
}
