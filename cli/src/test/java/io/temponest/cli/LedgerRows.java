package io.temponest.cli;

import io.temponest.identity.Kind;
import io.temponest.identity.TypeId;
import io.temponest.testing.FakeProvider.Asked;
import io.temponest.testing.TestDatabase;
import java.math.BigDecimal;
import java.sql.Connection;
import java.sql.PreparedStatement;
import java.sql.ResultSet;
import java.sql.SQLException;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;

/** The usage ledger as it stands in the database. */
record LedgerRows(TestDatabase database) {

    /** One attempt at a model call. */
    record Row(UUID id, String status, boolean estimated, long inputTokens, long outputTokens, BigDecimal cost) {}

    /** The attempt that a provider saw. */
    static UUID attempt(Asked asked) {
        String id = Objects.requireNonNull(asked.headers().get("x-client-request-id"), "no x-client-request-id");
        return TypeId.parse(Kind.USAGE, id).orElseThrow().uuid();
    }

    Optional<Row> find(Asked asked) {
        return Optional.ofNullable(all().get(attempt(asked)));
    }

    /** By id, in order of the ids. */
    Map<UUID, Row> all() {
        Map<UUID, Row> rows = new LinkedHashMap<>();
        try (Connection connection = TestDatabase.connection(database.superuserUrl());
                PreparedStatement select = connection.prepareStatement(
                        "select id, status, estimated, input_tokens, output_tokens, cost_usd from usage_ledger order by id");
                ResultSet result = select.executeQuery()) {
            while (result.next()) {
                UUID id = result.getObject(1, UUID.class);
                rows.put(
                        id,
                        new Row(
                                id,
                                result.getString(2),
                                result.getBoolean(3),
                                result.getLong(4),
                                result.getLong(5),
                                result.getBigDecimal(6)));
            }
            return rows;
        } catch (SQLException e) {
            throw new AssertionError(e);
        }
    }
}
