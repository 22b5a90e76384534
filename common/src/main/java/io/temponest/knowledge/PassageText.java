package io.temponest.knowledge;

import java.util.List;

/** Passages as models read them. */
public final class PassageText {

    private PassageText() {}

    /**
     * Each with the number that it is cited by.
     *
     * @param first the number of the first
     */
    public static String of(List<Passage> passages, int first) {
        StringBuilder text = new StringBuilder();
        for (int i = 0; i < passages.size(); i++) {
            Passage passage = passages.get(i);
            text.append("\n[%d] %s, lines %d to %d:\n"
                    .formatted(
                            first + i,
                            passage.filename(),
                            passage.location().startLine(),
                            passage.location().endLine()));
            text.append(passage.text()).append('\n');
        }
        return text.toString();
    }
}
