package io.temponest.spend;

import java.util.UUID;

/**
 * A row that the ledger has not yet.
 *
 * @param node that held its money
 * @param reserved whether the call may be among the reservations
 * @param written what to do when the ledger has it
 */
record Pending(UUID node, LedgerRow row, boolean reserved, Runnable written) {}
