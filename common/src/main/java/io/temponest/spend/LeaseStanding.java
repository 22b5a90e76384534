package io.temponest.spend;

/**
 * What a node holds of a budget's period, and where that stands, in hundred-millionths of a dollar.
 *
 * @param settled by all nodes
 * @param available what is neither settled nor held by any node
 */
record LeaseStanding(LeaseKey key, long held, long settled, long available) {}
