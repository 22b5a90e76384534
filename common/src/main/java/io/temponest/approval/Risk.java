package io.temponest.approval;

import com.fasterxml.jackson.annotation.JsonCreator;
import com.fasterxml.jackson.annotation.JsonValue;
import java.util.Arrays;
import java.util.Locale;
import java.util.Optional;

/** How much can go wrong, and so how many people have to agree beforehand. */
public enum Risk {
    LOW(0),
    MEDIUM(1),
    HIGH(2);

    private final int approvers;

    Risk(int approvers) {
        this.approvers = approvers;
    }

    /** How many different people have to approve. */
    public int approvers() {
        return approvers;
    }

    public Risk max(Risk other) {
        return compareTo(other) >= 0 ? this : other;
    }

    public static Optional<Risk> find(String text) {
        return Arrays.stream(values())
                .filter(risk -> risk.toString().equals(text))
                .findFirst();
    }

    @JsonCreator
    public static Risk parse(String text) {
        return find(text).orElseThrow(() -> new IllegalArgumentException("risk must be one of low, medium, high"));
    }

    @Override
    @JsonValue
    public String toString() {
        return name().toLowerCase(Locale.ROOT);
    }
}
