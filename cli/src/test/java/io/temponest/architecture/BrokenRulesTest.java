package io.temponest.architecture;

import static org.assertj.core.api.Assertions.assertThat;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.lang.ArchRule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.stream.Stream;
import javax.tools.DiagnosticCollector;
import javax.tools.JavaCompiler;
import javax.tools.JavaFileObject;
import javax.tools.StandardJavaFileManager;
import javax.tools.ToolProvider;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Each rule refuses code that breaks it; the code is compiled here and now, against the program's own classes. */
class BrokenRulesTest {

    @TempDir
    private Path folder;

    /** @param sources bodies of classes by their full name */
    record Breach(String name, ArchRule rule, Map<String, String> sources) {

        @Override
        public String toString() {
            return name;
        }
    }

    static Stream<Breach> breaches() {
        return Stream.of(
                breach(
                        "gateway asks a worker's class",
                        Rules.GATEWAY_KNOWS_NO_WORKER,
                        "io.temponest.gateway.bad.Bad",
                        "io.temponest.workers.Workers other;"),
                breach(
                        "worker asks a gateway's class",
                        Rules.WORKERS_KNOW_NO_GATEWAY,
                        "io.temponest.workers.bad.Bad",
                        "io.temponest.gateway.Gateway other;"),
                breach(
                        "gateway sees all tenants",
                        Rules.ONLY_WORKERS_SEE_ALL_TENANTS,
                        "io.temponest.gateway.bad.Bad",
                        "io.temponest.store.EnginePostgres engine;"),
                breach(
                        "SQL in an endpoint",
                        Rules.SQL_ONLY_IN_STORES,
                        "io.temponest.gateway.bad.Bad",
                        "Object ask(io.vertx.sqlclient.SqlConnection sql) { return sql.preparedQuery(\"select 1\"); }"),
                breach(
                        "a worker starts a database",
                        Rules.EMBEDDED_SERVER_ONLY_FROM_THE_COMMAND_LINE,
                        "io.temponest.workers.bad.Bad",
                        "io.temponest.embedded.EmbeddedPostgres server;"),
                breach(
                        "a worker knows the web",
                        Rules.WEB_CLASSES_ONLY_IN_THE_GATEWAY,
                        "io.temponest.workers.bad.Bad",
                        "io.vertx.ext.web.RoutingContext context;"),
                breach(
                        "an endpoint calls out",
                        Rules.HTTP_CLIENTS_ONLY_IN_MODELS,
                        "io.temponest.gateway.bad.Bad",
                        "java.net.http.HttpClient client;"),
                breach(
                        "signing in calls out, elsewhere than where providers are asked",
                        Rules.HTTP_CLIENTS_ONLY_IN_MODELS,
                        "io.temponest.gateway.auth.Bad",
                        "io.vertx.core.http.HttpClientAgent client;"),
                breach(
                        "a store reads the environment",
                        Rules.ENVIRONMENT_ONLY_AT_THE_ROOT,
                        "io.temponest.store.Bad",
                        "String home() { return System.getenv(\"HOME\"); }"),
                new Breach(
                        "two packages know each other",
                        Rules.PACKAGES_ARE_FREE_OF_CYCLES,
                        Map.of(
                                "io.temponest.gateway.one.One", "public io.temponest.gateway.two.Two other;",
                                "io.temponest.gateway.two.Two", "public io.temponest.gateway.one.One other;")));
    }

    private static Breach breach(String name, ArchRule rule, String type, String body) {
        return new Breach(name, rule, Map.of(type, body));
    }

    @ParameterizedTest
    @MethodSource("breaches")
    void codeThatBreaksTheRuleIsFound(Breach breach) throws IOException {
        JavaClasses classes = compile(breach.sources());

        assertThat(breach.rule().evaluate(classes).hasViolation()).isTrue();
    }

    @Test
    void everyRuleHasCodeThatBreaksIt() {
        assertThat(breaches().map(Breach::rule).distinct())
                .containsExactlyInAnyOrderElementsOf(ArchitectureTest.rules().toList());
    }

    private JavaClasses compile(Map<String, String> sources) throws IOException {
        for (Map.Entry<String, String> source : sources.entrySet()) {
            int dot = source.getKey().lastIndexOf('.');
            Path file = folder.resolve(source.getKey().replace('.', '/') + ".java");
            Files.createDirectories(file.getParent());
            Files.writeString(
                    file,
                    "package %s; public class %s { %s }"
                            .formatted(
                                    source.getKey().substring(0, dot),
                                    source.getKey().substring(dot + 1),
                                    source.getValue()));
        }
        JavaCompiler compiler = ToolProvider.getSystemJavaCompiler();
        DiagnosticCollector<JavaFileObject> complaints = new DiagnosticCollector<>();
        try (StandardJavaFileManager files = compiler.getStandardFileManager(complaints, Locale.ROOT, null);
                Stream<Path> written = Files.walk(folder)) {
            List<Path> all =
                    written.filter(file -> file.toString().endsWith(".java")).toList();
            List<String> options =
                    List.of("-d", folder.toString(), "-proc:none", "-cp", System.getProperty("java.class.path"));
            assertThat(compiler.getTask(null, files, complaints, options, null, files.getJavaFileObjectsFromPaths(all))
                            .call())
                    .as(complaints.getDiagnostics().toString())
                    .isTrue();
        }
        return new ClassFileImporter().importPath(folder);
    }
}
