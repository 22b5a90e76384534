package io.temponest.spend;

/**
 * What a node asks of a budget's period, in hundred-millionths of a dollar.
 *
 * @param keep what it goes on holding; what it holds beyond that goes back
 * @param least more is of no use unless it is at least this much
 * @param need more that would do; 0: none is asked for
 */
record LeaseWish(LeaseKey key, long keep, long least, long need) {}
