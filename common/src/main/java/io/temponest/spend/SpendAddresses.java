package io.temponest.spend;

import io.temponest.bus.Address;
import io.temponest.identity.TenantId;
import java.util.UUID;

/** What nodes tell each other about money. */
public final class SpendAddresses {

    /** Told to all nodes after a tenant's budgets have changed. */
    public static final Address<BudgetsChanged, BudgetsChanged> BUDGETS_CHANGED =
            new Address<>("spend.budgets-changed", BudgetsChanged.class, BudgetsChanged.class);

    /** Told to all nodes when one has calls that wait for money which others may hold without need. */
    static final Address<MoneyWanted, MoneyWanted> MONEY_WANTED =
            new Address<>("spend.money-wanted", MoneyWanted.class, MoneyWanted.class);

    private SpendAddresses() {}

    public record BudgetsChanged(TenantId tenant) {}

    /** @param node that asks */
    public record MoneyWanted(TenantId tenant, UUID node) {}
}
