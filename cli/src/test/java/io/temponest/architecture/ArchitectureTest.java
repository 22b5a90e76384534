package io.temponest.architecture;

import com.tngtech.archunit.core.domain.JavaClasses;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import com.tngtech.archunit.core.importer.ImportOption;
import com.tngtech.archunit.lang.ArchRule;
import java.util.stream.Stream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

class ArchitectureTest {

    private static final JavaClasses CLASSES = new ClassFileImporter()
            .withImportOption(ImportOption.Predefined.DO_NOT_INCLUDE_TESTS)
            .withImportOption(location -> !location.contains("-tests.jar") && !location.contains("/test-classes/"))
            .importPackages("io.temponest");

    static Stream<ArchRule> rules() {
        return Stream.of(
                Rules.GATEWAY_KNOWS_NO_WORKER,
                Rules.WORKERS_KNOW_NO_GATEWAY,
                Rules.ONLY_WORKERS_SEE_ALL_TENANTS,
                Rules.SQL_ONLY_IN_STORES,
                Rules.EMBEDDED_SERVER_ONLY_FROM_THE_COMMAND_LINE,
                Rules.WEB_CLASSES_ONLY_IN_THE_GATEWAY,
                Rules.HTTP_CLIENTS_ONLY_IN_MODELS,
                Rules.ENVIRONMENT_ONLY_AT_THE_ROOT,
                Rules.PACKAGES_ARE_FREE_OF_CYCLES);
    }

    @ParameterizedTest
    @MethodSource("rules")
    void everyClassKeepsTheRule(ArchRule rule) {
        rule.allowEmptyShould(true).check(CLASSES);
    }
}
