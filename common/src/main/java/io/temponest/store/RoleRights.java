package io.temponest.store;

import java.sql.Connection;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.sql.Statement;

/**
 * What a role may do in a database that the service's must not: each of these passes by row-level security, or may take it down.
 *
 * @param ownsSchema the schema, or anything in it, belongs to the role or to one that it is a member of
 */
public record RoleRights(boolean superuser, boolean bypassesRls, boolean ownsSchema) {

    private static final String RIGHTS = """
            select r.rolsuper, r.rolbypassrls,
                   exists (select from pg_namespace n
                           where n.nspname = 'public' and pg_has_role(r.oid, n.nspowner, 'member'))
                   or exists (select from pg_class c join pg_namespace n on n.oid = c.relnamespace
                              where n.nspname = 'public' and pg_has_role(r.oid, c.relowner, 'member')) as owner
            from pg_roles r where r.rolname = current_user""";

    /** Asks the database. Blocks. */
    public static RoleRights of(DatabaseUrl role) throws SQLException {
        try (Connection connection = Migrations.connection(role);
                Statement statement = connection.createStatement();
                ResultSet rights = statement.executeQuery(RIGHTS)) {
            rights.next();
            return new RoleRights(rights.getBoolean(1), rights.getBoolean(2), rights.getBoolean(3));
        }
    }
}
