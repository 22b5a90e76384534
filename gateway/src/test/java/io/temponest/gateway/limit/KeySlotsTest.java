package io.temponest.gateway.limit;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import org.junit.jupiter.api.Test;

class KeySlotsTest {

    @Test
    void aKeyHasAsManySlotsAsItMayAndAnotherKeyItsOwn() {
        KeySlots slots = new KeySlots();
        TypeId key = new Ids().next(Kind.API_KEY);
        TypeId other = new Ids().next(Kind.API_KEY);

        assertThat(slots.enter(key, 2)).isTrue();
        assertThat(slots.enter(key, 2)).isTrue();
        assertThat(slots.enter(key, 2)).isFalse();
        assertThat(slots.enter(other, 2)).isTrue();

        slots.leave(key);
        assertThat(slots.enter(key, 2)).isTrue();
    }
}
