package io.temponest.run;

import io.temponest.audit.Actor;
import io.temponest.bus.Address;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import java.util.Optional;

/** What the run engine is asked and told. */
public final class RunAddresses {

    /** Told to all workers after a run was committed as ready. */
    public static final Address<RunReady, Done> READY = new Address<>("run.ready", RunReady.class, Done.class);

    /** Asked of any worker: cancel a run. Done when the request is durable. */
    public static final Address<Cancel, Done> CANCEL = new Address<>("run.cancel", Cancel.class, Done.class);

    /** Asked of any worker: who runs it. Held back up to the deadline while the run is queued. */
    public static final Address<Locate, Located> LOCATE = new Address<>("run.locate", Locate.class, Located.class);

    /** A dialog with the session that owns the run, at {@code FOLLOW.at(session)}; ends when the run leaves that session. */
    public static final Address<Follow, Live> FOLLOW = new Address<>("run.follow", Follow.class, Live.class);

    /** Told to the session that owns the run, at {@code STOP.at(session)}: a cancel was recorded. */
    public static final Address<Stop, Done> STOP = new Address<>("run.stop", Stop.class, Done.class);

    /** Told to the session that owns the run, at {@code HOLD.at(session)}: a pause was recorded. */
    public static final Address<Stop, Done> HOLD = new Address<>("run.hold", Stop.class, Done.class);

    private RunAddresses() {}

    /** A hint that there is work. */
    public record RunReady(TypeId run) {}

    /**
     * A run to cancel, of this tenant.
     *
     * @param by whose wish is noted in the audit log
     */
    public record Cancel(TenantId tenant, TypeId run, Actor by) {}

    /** A run that is to stop. */
    public record Stop(TypeId run) {}

    /** A run to find, of this tenant. */
    public record Locate(TenantId tenant, TypeId run) {}

    /**
     * Where a run is.
     *
     * @param owner the session that executes it, where one does
     */
    public record Located(RunStatus status, Optional<TypeId> owner) {}

    /** A run to follow, of this tenant. */
    public record Follow(TenantId tenant, TypeId run) {}

    /**
     * One thing that a follower is told: text of the step in progress, or that there are durable events up to a number.
     *
     * @param step number of the step that the text belongs to; 0 without text
     * @param offset characters of the step's text before this piece
     * @param text the piece; empty when this only tells of events
     * @param events number of the last durable event
     */
    public record Live(int step, int offset, String text, long events) {}

    /** It is done. */
    public record Done() {}
}
