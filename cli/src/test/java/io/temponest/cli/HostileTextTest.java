package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import io.temponest.cli.TextFields.Fate;
import io.temponest.cli.TextFields.Field;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * Code in every text of every request: it is kept and given back as it was sent, or refused by the name of its field, and it
 * writes no row that a harmless text does not write. Nothing else writes to this server's database.
 */
class HostileTextTest {

    /** A row of it is a sum, whatever the number of calls in it. */
    private static final String COSTS_BY_HOUR = "usage_hourly";

    @TempDir
    private static Path folder;

    private static Trap trap;
    private static TestServer server;
    private static TextFields fields;

    @BeforeAll
    static void start() {
        trap = Trap.set();
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
        fields = TextFields.at(server);
    }

    @AfterAll
    static void stop() {
        server.close();
        trap.close();
    }

    static Stream<Field> fields() {
        return fields.all();
    }

    static Stream<Field> openFields() {
        return fields.all().filter(field -> !(field.fate() instanceof Fate.Secret));
    }

    @ParameterizedTest
    @MethodSource("openFields")
    void codeIsATextLikeAnyOther(Field field) {
        List<String> texts = HostileTexts.all(trap);
        Map<String, Long> harmless = written(() -> check(field, TextFields.HARMLESS));

        Map<String, Long> hostile = written(() -> texts.forEach(text -> check(field, text)));

        long kept = texts.stream()
                .filter(text -> !(field.fate() instanceof Fate.Kept fate && fate.refuses(field.text(text))))
                .count();
        harmless.replaceAll((table, rows) -> rows * kept);
        assertThat(hostile).isEqualTo(harmless);
        assertThat(Path.of(HostileTexts.LEFT_BEHIND)).doesNotExist();
        assertThat(trap.caught()).isZero();
    }

    private static void check(Field field, String given) {
        if (field.operation().path().startsWith("/v1/auth/")) {
            forgetWrongPasswords();
        }
        String text = field.text(given);
        Answer answer = fields.send(field, text);
        String what = text + ": " + answer;
        switch (field.fate()) {
            case Fate.Kept kept when kept.refuses(text) -> refused(field, answer, what, 400, "invalid_value");
            case Fate.Kept(int status, String pointer, var oneLine) -> {
                assertThat(answer.status()).as(what).isEqualTo(status);
                assertThat(answer.json().at(pointer).asText()).as(what).isEqualTo(text);
                readAgain(field, answer, pointer, text);
            }
            case Fate.Refused(int status, String code) -> refused(field, answer, what, status, code);
            case Fate.Used used -> assertThat(answer.status()).as(what).isEqualTo(200);
            case Fate.Secret secret -> throw new AssertionError("has a test of its own");
        }
        assertThat(answer.header("content-type")).isEqualTo("application/json");
        assertThat(answer.headers()).as(what).doesNotContainKey("set-cookie");
    }

    private static void refused(Field field, Answer answer, String what, int status, String code) {
        assertThat(answer.status()).as(what).isEqualTo(status);
        assertThat(answer.error("code")).as(what).isEqualTo(code);
        assertThat(answer.error("param")).as(what).isEqualTo(status == 400 ? field.param() : "");
    }

    /** What one may read by itself is read again, from the database. */
    private static void readAgain(Field field, Answer answer, String pointer, String text) {
        String path =
                field.operation().method().equals("PATCH") ? fields.path(field.operation()) : answer.header("location");
        Answer read = server.admin().get(path);
        if (!field.operation().open() && read.status() != 405) {
            assertThat(read.json().at(pointer).asText()).as(path).isEqualTo(text);
        }
    }

    /** How many rows of each table are more, or fewer, after something was done. */
    private static Map<String, Long> written(Runnable something) {
        forgetWrongPasswords();
        Map<String, Long> before = server.rows();
        something.run();
        forgetWrongPasswords();
        Map<String, Long> written = new TreeMap<>();
        server.rows().forEach((table, rows) -> {
            if (!rows.equals(before.get(table)) && !table.equals(COSTS_BY_HOUR)) {
                written.put(table, rows - before.getOrDefault(table, 0L));
            }
        });
        return written;
    }

    private static void forgetWrongPasswords() {
        server.database().execute("delete from sign_in_locks");
    }

    @ParameterizedTest
    @MethodSource("fields")
    void aTextThatCannotBeKeptAsItIsIsRefusedByName(Field field) {
        Map<String, Long> before = server.rows();

        for (String text : HostileTexts.UNSTORABLE) {
            Answer answer = fields.send(field, text);

            assertThat(answer.status()).as(answer.text()).isEqualTo(400);
            assertThat(answer.error("type")).isEqualTo("invalid_request_error");
            assertThat(answer.error("code")).as(answer.text()).isEqualTo("text_not_storable");
            assertThat(answer.error("param")).isEqualTo(field.place());
        }
        assertThat(server.rows()).isEqualTo(before);
    }

    /** The audit log has all those names in it. */
    @Test
    void theAuditLogHoldsWhateverIsInIt() {
        for (String text : HostileTexts.all(trap)) {
            server.admin().post("/v1/collections", Map.of("name", "audited " + text));
            assertThat(server.admin()
                            .get("/v1/audit?action=collection.create&limit=1")
                            .json()
                            .at("/data/0/details/name")
                            .asText())
                    .isEqualTo("audited " + text);
        }
        assertThat(server.admin().get("/v1/audit/verify").json().path("valid").asBoolean())
                .isTrue();
    }
}
