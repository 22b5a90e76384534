package io.temponest.architecture;

import static com.tngtech.archunit.lang.syntax.ArchRuleDefinition.noClasses;
import static com.tngtech.archunit.library.dependencies.SlicesRuleDefinition.slices;

import com.tngtech.archunit.lang.ArchRule;

/** Who may use whom. */
final class Rules {

    static final ArchRule GATEWAY_KNOWS_NO_WORKER = noClasses()
            .that()
            .resideInAPackage("io.temponest.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temponest.workers..");

    static final ArchRule WORKERS_KNOW_NO_GATEWAY = noClasses()
            .that()
            .resideInAPackage("io.temponest.workers..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temponest.gateway..");

    static final ArchRule ONLY_WORKERS_SEE_ALL_TENANTS = noClasses()
            .that()
            .resideOutsideOfPackages(
                    "io.temponest.workers..", "io.temponest.store..", "io.temponest.knowledge..", "io.temponest.cli..")
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.temponest.store.EnginePostgres");

    static final ArchRule SQL_ONLY_IN_STORES = noClasses()
            .that()
            .haveSimpleNameNotEndingWith("Store")
            .and()
            .haveSimpleNameNotEndingWith("Rows")
            .and()
            .haveSimpleNameNotEndingWith("Lists")
            .and()
            .resideOutsideOfPackages("io.temponest.store..")
            .should()
            .callMethodWhere(com.tngtech.archunit.base.DescribedPredicate.describe(
                    "prepares SQL",
                    call -> call.getTarget().getOwner().getName().startsWith("io.vertx.sqlclient.")
                            && (call.getTarget().getName().equals("preparedQuery")
                                    || call.getTarget().getName().equals("query"))));

    static final ArchRule EMBEDDED_SERVER_ONLY_FROM_THE_COMMAND_LINE = noClasses()
            .that()
            .resideOutsideOfPackages("io.temponest.embedded..", "io.temponest.cli..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.temponest.embedded..");

    static final ArchRule WEB_CLASSES_ONLY_IN_THE_GATEWAY = noClasses()
            .that()
            .resideOutsideOfPackage("io.temponest.gateway..")
            .should()
            .dependOnClassesThat()
            .resideInAPackage("io.vertx.ext.web..");

    /** Models, what tenants chose, identity providers, and whoever uses the API or Vault from the command line. */
    private static final String[] MAY_CALL_OUT = {
        "io.temponest.model..", "io.temponest.egress..", "io.temponest.gateway.oidc..", "io.temponest.cli.."
    };

    static final ArchRule HTTP_CLIENTS_ONLY_IN_MODELS = noClasses()
            .that()
            .resideOutsideOfPackages(MAY_CALL_OUT)
            .should()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.vertx.core.http.HttpClientAgent")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("io.vertx.core.http.HttpClient")
            .orShould()
            .dependOnClassesThat()
            .haveFullyQualifiedName("java.net.http.HttpClient");

    static final ArchRule ENVIRONMENT_ONLY_AT_THE_ROOT = noClasses()
            .that()
            .resideOutsideOfPackages("io.temponest.cli..")
            .should()
            .callMethod(System.class, "getenv")
            .orShould()
            .callMethod(System.class, "getenv", String.class);

    static final ArchRule PACKAGES_ARE_FREE_OF_CYCLES =
            slices().matching("io.temponest.(**)").should().beFreeOfCycles();

    private Rules() {}
}
