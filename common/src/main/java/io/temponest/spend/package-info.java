/**
 * Money: what model calls may cost, what they did cost, and the budgets that they count against. A call is opened, which
 * reserves its money and writes it down on this machine, and settled, which writes it to the ledger. The door is {@link
 * io.temponest.spend.Spending}; docs/decisions/0024-spend.md says why it is built so.
 */
@NullMarked
package io.temponest.spend;

import org.jspecify.annotations.NullMarked;
