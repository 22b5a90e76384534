package io.temponest.gateway.costs;

import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyStream;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.LongCalls;
import io.temponest.identity.TenantId;
import io.temponest.spend.CostRange;
import io.temponest.spend.CostStore;
import io.temponest.spend.LedgerEntry;
import io.vertx.core.Future;
import io.vertx.core.buffer.Buffer;
import java.time.Instant;
import java.time.LocalDate;
import java.time.ZoneOffset;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends the calls of a range, one page of the ledger after the other as fast as the client takes them. An export that cannot go
 * on is broken off, so that nobody takes it for the whole.
 */
final class CostExport {

    private static final Logger LOG = LoggerFactory.getLogger(CostExport.class);

    /** About 150 KB of text. */
    private static final int PAGE = 500;

    private final CostStore costs;
    private final LongCalls calls;

    CostExport(CostStore costs, LongCalls calls) {
        this.costs = costs;
        this.calls = calls;
    }

    /** The first page is read before anything is answered: a database that is away is told as such. */
    Future<Answer> start(Call call, CostRange range, ExportFormat format) {
        LongCalls.Entry place = calls.admit(call.tenant(), call.mostStreams());
        call.whenOver(place::close);
        Sending sending = new Sending(call.tenant(), range, format);
        return costs.ledger(call.tenant(), range, Optional.empty(), PAGE)
                .<Answer>map(first -> new Answer.Download(
                        format.contentType(),
                        Map.of("content-disposition", "attachment; filename=\"%s\"".formatted(name(range, format))),
                        body -> {
                            place.onStop(body::abort);
                            sending.send(first, body);
                        }));
    }

    private static String name(CostRange range, ExportFormat format) {
        return "costs-%s-%s.%s".formatted(day(range.from()), day(range.to()), format);
    }

    private static LocalDate day(Instant moment) {
        return moment.atZone(ZoneOffset.UTC).toLocalDate();
    }

    /** One export under way. */
    private final class Sending {

        private final TenantId tenant;
        private final CostRange range;
        private final ExportFormat format;
        private boolean first = true;

        Sending(TenantId tenant, CostRange range, ExportFormat format) {
            this.tenant = tenant;
            this.range = range;
            this.format = format;
        }

        void send(List<LedgerEntry> page, BodyStream body) {
            StringBuilder text = new StringBuilder(first ? format.begin() : "");
            for (LedgerEntry call : page) {
                text.append(format.row(call, first));
                first = false;
            }
            boolean last = page.size() < PAGE;
            if (last) {
                text.append(format.end());
            }
            body.write(Buffer.buffer(text.toString())).onComplete(room -> {
                if (last) {
                    body.end();
                } else if (!body.isClosed()) {
                    next(page.getLast(), body);
                }
            });
        }

        private void next(LedgerEntry after, BodyStream body) {
            costs.ledger(tenant, range, Optional.of(after.id()), PAGE).onComplete(read -> {
                if (read.succeeded()) {
                    send(read.result(), body);
                } else {
                    LOG.atWarn()
                            .addKeyValue("tenant", tenant)
                            .addKeyValue("reason", read.cause().getMessage())
                            .log("costs.export_broken_off");
                    body.abort();
                }
            });
        }
    }
}
