package io.temponest.gateway.limit;

import io.temponest.gateway.limit.Window.Taken;
import io.vertx.core.Future;

/** The windows that all nodes share. */
interface Windows {

    /** As {@link Window#take}; fails when it cannot be asked. Asked at most once: what was granted to an answer that is lost is lost. */
    Future<Taken> take(LimitKey key, Quota quota, int least, int most);

    /** As {@link Window#giveBack}. Never fails, and nothing depends on its success. */
    Future<Void> giveBack(LimitKey key, Quota quota, long slot, int permits);
}
