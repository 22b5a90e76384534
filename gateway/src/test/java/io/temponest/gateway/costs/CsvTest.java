package io.temponest.gateway.costs;

import static org.assertj.core.api.Assertions.assertThat;

import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class CsvTest {

    @Test
    void valuesAreQuotedWhereTheyMustBe() {
        assertThat(Csv.line(List.of("a", "", "b c", "1,5", "say \"hi\"", "two\nlines", "1.00000000")))
                .isEqualTo("a,,b c,\"1,5\",\"say \"\"hi\"\"\",\"two\nlines\",1.00000000\r\n");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "=1+1",
                "+1",
                "-1",
                "@SUM(A1)",
                "\t=1",
                "\r=1",
                "\n=1",
                " =1",
                "=HYPERLINK(\"http://evil.example\",\"x\")",
                "\uFF1D1+1",
                "\uFF0B1",
                "\uFF0D1",
                "\uFF20A1"
            })
    void nothingIsTakenForAFormula(String formula) {
        String line = Csv.line(List.of(formula));

        assertThat(line.startsWith("'") || line.startsWith("\"'")).as(line).isTrue();
    }

    @Test
    void otherTextsStayAsTheyAre() {
        assertThat(Csv.line(List.of("gpt-4o", "a=b", "user@example.org", "2026-11-24T00:00:00.000Z")))
                .isEqualTo("gpt-4o,a=b,user@example.org,2026-11-24T00:00:00.000Z\r\n");
    }
}
