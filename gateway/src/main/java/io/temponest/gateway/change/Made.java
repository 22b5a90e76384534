package io.temponest.gateway.change;

import io.temponest.audit.AuditEntry;
import io.temponest.gateway.http.Answer;
import java.util.ArrayList;
import java.util.List;

/**
 * What a change has come to, before it is durable.
 *
 * @param entries for the audit log
 * @param afterwards is run when it is durable, such as to tell others of it; not where an earlier answer is repeated
 * @param secret whether the answer must not be kept in the clear
 */
public record Made(Answer answer, List<AuditEntry> entries, Runnable afterwards, boolean secret) {

    public Made {
        entries = List.copyOf(entries);
    }

    public static Made of(Answer answer) {
        return new Made(answer, List.of(), () -> {}, false);
    }

    public Made audited(AuditEntry entry) {
        List<AuditEntry> all = new ArrayList<>(entries);
        all.add(entry);
        return new Made(answer, all, afterwards, secret);
    }

    public Made then(Runnable action) {
        return new Made(answer, entries, action, secret);
    }

    public Made withSecret() {
        return new Made(answer, entries, afterwards, true);
    }
}
