package io.temponest.cli;

import static org.assertj.core.api.Assertions.assertThat;

import io.temponest.config.Setting;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.Test;

/** What the README says of the program. */
class ReadmeTest {

    private static final Path README = Path.of("..", "README.md");

    @Test
    void theTableOfSettingsIsThatOfTheProgram() throws IOException {
        List<String> rows = Files.readAllLines(README).stream()
                .filter(line -> line.startsWith("| `"))
                .toList();

        assertThat(rows)
                .containsExactlyElementsOf(Arrays.stream(Setting.values())
                        .map(setting -> "| `%s` | %s | %s |"
                                .formatted(
                                        setting.name(),
                                        setting.standard().isEmpty() ? "" : "`" + setting.standard() + "`",
                                        setting.meaning()))
                        .toList());
    }
}
