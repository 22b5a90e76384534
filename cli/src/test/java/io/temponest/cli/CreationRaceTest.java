package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.cli.ApiCaller.Answer;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

/** Of many who make the same thing at once, one makes it, and the others are told so. */
class CreationRaceTest {

    private static final int MANY = 8;

    @TempDir
    private static Path folder;

    private static TestServer server;

    @BeforeAll
    static void start() {
        server = TestServer.start(folder);
        server.awaitIndexedDocumentation();
    }

    @AfterAll
    static void stop() {
        server.close();
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "/v1/projects | {'slug':'race','name':'R'} | slug | project_exists | projects",
                "/v1/agents | {'slug':'race','name':'R','instructions':'R'} | slug | agent_exists | agents",
                "/v1/collections | {'name':'race'} | name | collection_exists | collections",
                "/v1/roles | {'name':'race','permissions':[]} | name | role_exists | roles",
                "/v1/auth/register | {'email':'race@skerry.example','password':'a lamp turns twelve times','full_name':'R',"
                        + "'tenant_name':'R'} | email | email_taken | users"
            })
    void oneIsMade(String path, String body, String param, String code, String table) {
        long before = server.rows().getOrDefault(table, 0L);

        List<Answer> answers = IntStream.range(0, MANY)
                .parallel()
                .mapToObj(i -> server.admin().post(path, body.replace('\'', '"')))
                .toList();

        assertThat(answers).filteredOn(answer -> answer.status() == 201).hasSize(1);
        assertThat(answers)
                .filteredOn(answer -> answer.status() != 201)
                .hasSize(MANY - 1)
                .allSatisfy(refused -> {
                    assertThat(refused.status()).as(refused.text()).isEqualTo(409);
                    assertThat(refused.error("type")).isEqualTo("conflict_error");
                    assertThat(refused.error("code")).isEqualTo(code);
                    assertThat(refused.error("param")).isEqualTo(param);
                });
        assertThat(server.rows()).containsEntry(table, before + 1);
    }
}
