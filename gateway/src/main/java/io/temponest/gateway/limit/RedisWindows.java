package io.temponest.gateway.limit;

import io.temponest.gateway.limit.Window.Taken;
import io.temponest.store.Redis;
import io.temponest.store.RedisScript;
import io.vertx.core.Future;
import io.vertx.redis.client.Response;

/**
 * Windows in Redis: a hash for each, of permits by slot. One call decides, by the server's own clock. The hash goes when all of
 * it has been forgotten.
 */
final class RedisWindows implements Windows {

    /** {@link Window#take} in Lua. Arguments: milliseconds of a slot, slots that count, limit, least, most. */
    private static final RedisScript TAKE = new RedisScript("""
            local width, counted, limit = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
            local least, most = tonumber(ARGV[4]), tonumber(ARGV[5])
            local time = redis.call('TIME')
            local now = time[1] * 1000 + math.floor(time[2] / 1000)
            local slot = math.floor(now / width)
            local all = redis.call('HGETALL', KEYS[1])
            local used, slots, permits = 0, {}, {}
            for i = 1, #all, 2 do
                local at, count = tonumber(all[i]), tonumber(all[i + 1])
                if at <= slot - counted then
                    redis.call('HDEL', KEYS[1], all[i])
                else
                    used = used + count
                    slots[#slots + 1] = at
                    permits[at] = count
                end
            end
            table.sort(slots)
            local free = limit - used
            if free < least then
                local missing, retry = least - free, 0
                for _, at in ipairs(slots) do
                    missing = missing - permits[at]
                    if missing <= 0 then
                        retry = (at + counted) * width - now
                        break
                    end
                end
                local reset = #slots == 0 and 0 or (slots[#slots] + counted) * width - now
                return {0, slot, math.max(0, free), retry, reset}
            end
            local granted = most
            if free < most then granted = least + math.floor((free - least) / 2) end
            redis.call('HINCRBY', KEYS[1], string.format('%d', slot), granted)
            redis.call('PEXPIRE', KEYS[1], (counted + 1) * width)
            local newest = #slots == 0 and slot or math.max(slot, slots[#slots])
            return {granted, slot, free - granted, 0, (newest + counted) * width - now}
            """);

    private static final RedisScript GIVE_BACK = new RedisScript("""
            local there = tonumber(redis.call('HGET', KEYS[1], ARGV[1]))
            if not there then return 0 end
            local back = math.min(there, tonumber(ARGV[2]))
            if back == there then
                redis.call('HDEL', KEYS[1], ARGV[1])
            else
                redis.call('HINCRBY', KEYS[1], ARGV[1], -back)
            end
            return back
            """);

    private final Redis redis;

    RedisWindows(Redis redis) {
        this.redis = redis;
    }

    @Override
    public Future<Taken> take(LimitKey key, Quota quota, int least, int most) {
        return TAKE.run(redis, place(key, quota), quota.slotMillis(), quota.counted(), quota.limit(), least, most)
                .map(RedisWindows::taken);
    }

    @Override
    public Future<Void> giveBack(LimitKey key, Quota quota, long slot, int permits) {
        return GIVE_BACK
                .run(redis, place(key, quota), slot, permits)
                .<Void>mapEmpty()
                .otherwiseEmpty();
    }

    private static Taken taken(Response reply) {
        return new Taken(
                reply.get(0).toInteger(),
                reply.get(1).toLong(),
                reply.get(2).toInteger(),
                reply.get(3).toLong(),
                reply.get(4).toLong());
    }

    /** Slots of another width are other slots. */
    private static String place(LimitKey key, Quota quota) {
        return "tn:limit:" + key.text() + ":" + quota.slotMillis();
    }
}
