package io.temponest.run;

import io.temponest.store.Keyset;
import java.util.ArrayList;
import java.util.List;

/** One SQL text per combination of filters, made once, so that each has a plan of its own. */
final class RunLists {

    private static final List<Keyset> PAGES = Shape.all().stream()
            .map(shape -> new Keyset(RunRows.SUMMARY + shape.conditions(), "r.id", shape.parameters()))
            .toList();
    private static final List<String> COUNTS = Shape.all().stream()
            .map(shape -> "select count(*) from runs r where true" + shape.conditions())
            .toList();

    private RunLists() {}

    static Keyset page(Shape shape) {
        return PAGES.get(shape.number());
    }

    static String count(Shape shape) {
        return COUNTS.get(shape.number());
    }

    static List<Object> values(RunFilter filter) {
        List<Object> values = new ArrayList<>();
        filter.status().ifPresent(status -> values.add(status.toString()));
        filter.agentSlug().ifPresent(values::add);
        filter.projectSlug().ifPresent(values::add);
        return values;
    }

    /** Which filters are set. */
    record Shape(boolean status, boolean agent, boolean project) {

        static Shape of(RunFilter filter) {
            return new Shape(
                    filter.status().isPresent(),
                    filter.agentSlug().isPresent(),
                    filter.projectSlug().isPresent());
        }

        static List<Shape> all() {
            List<Shape> shapes = new ArrayList<>();
            for (int bits = 0; bits < 8; bits++) {
                shapes.add(new Shape((bits & 1) != 0, (bits & 2) != 0, (bits & 4) != 0));
            }
            return shapes;
        }

        /** Its place in {@link #all}. */
        int number() {
            return (status ? 1 : 0) | (agent ? 2 : 0) | (project ? 4 : 0);
        }

        int parameters() {
            return (status ? 1 : 0) + (agent ? 1 : 0) + (project ? 1 : 0);
        }

        String conditions() {
            int next = 1;
            StringBuilder sql = new StringBuilder();
            if (status) {
                sql.append(" and r.status = $%d".formatted(next++));
            }
            if (agent) {
                sql.append(" and r.agent_id = (select id from agents where slug = $%d and archived_at is null)"
                        .formatted(next++));
            }
            if (project) {
                sql.append(" and r.project_id = (select id from projects where slug = $%d)".formatted(next));
            }
            return sql.toString();
        }
    }
}
