package io.temponest.cli;

import io.temponest.config.Secret;
import io.temponest.config.Setting;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Shows the running system at work on a file of the user's. */
@Command(description = "Uploads a file to the running server and asks an agent about it.")
final class Demo implements Callable<Integer> {

    private final Map<String, String> environment;

    @Spec
    @SuppressWarnings("NullAway.Init") // set by picocli before it calls the command
    private CommandSpec spec;

    @Parameters(
            index = "0",
            paramLabel = "FILE",
            description = "a text, Markdown, HTML, PDF, DOCX, CSV, JSON or code file")
    @SuppressWarnings("NullAway.Init") // picocli refuses a command line without it
    private Path file;

    @Parameters(
            index = "1",
            paramLabel = "QUESTION",
            defaultValue = "What is this document about?",
            description = "what to ask (default: ${DEFAULT-VALUE})")
    private String question = "";

    @Option(
            names = "--agent",
            paramLabel = "SLUG",
            defaultValue = "overseer",
            description = "whom to ask (default: ${DEFAULT-VALUE})")
    private String agent = "";

    @Option(names = "--url", description = "of the server (default: from admin.json in the data folder)")
    private Optional<String> url = Optional.empty();

    @Option(names = "--api-key", description = "(default: from admin.json in the data folder)")
    private Optional<String> apiKey = Optional.empty();

    @Option(names = "--data-dir", description = "folder of admin.json (default: as for 'up')")
    private Optional<Path> dataDir = Optional.empty();

    Demo(Map<String, String> environment) {
        this.environment = Map.copyOf(environment);
    }

    @Override
    public Integer call() {
        Logging.quiet().apply();
        if (!Files.isRegularFile(file)) {
            throw new CommandFailure("there is no file " + file);
        }
        try (ApiClient api = client()) {
            return new DemoRun(api, spec.commandLine().getOut()).ask(file, agent, question) ? 0 : Main.FAILED;
        }
    }

    private ApiClient client() {
        if (url.isPresent() && apiKey.isPresent()) {
            return new ApiClient(url.get(), new Secret(apiKey.get()));
        }
        Path folder = dataDir.orElseGet(
                () -> Path.of(environment.getOrDefault(Setting.DATA_DIR.variable(), Setting.DATA_DIR.standard())));
        try {
            AdminFile admin = AdminFile.read(folder)
                    .orElseThrow(() -> new CommandFailure(
                            "there is no %s; start the server with './temponest up', or give --url and --api-key"
                                    .formatted(AdminFile.in(folder))));
            return new ApiClient(url.orElse(admin.url()), new Secret(apiKey.orElse(admin.apiKey())));
        } catch (IOException | UncheckedIOException e) {
            throw new CommandFailure("cannot read %s: %s".formatted(AdminFile.in(folder), e.getMessage()), e);
        }
    }
}
