package io.temponest.cli;

import io.temponest.account.ApiKeyStore;
import io.temponest.account.ApiKeyStore.Issued;
import io.temponest.account.NewApiKey;
import io.temponest.account.NewTenant;
import io.temponest.account.NewUser;
import io.temponest.account.SignIn;
import io.temponest.account.TenantStore;
import io.temponest.account.UserStore;
import io.temponest.agent.AgentStore;
import io.temponest.agent.BuiltInAgents;
import io.temponest.bus.Bus;
import io.temponest.bus.Deadline;
import io.temponest.identity.HashingAddresses;
import io.temponest.identity.HashingAddresses.Hash;
import io.temponest.identity.Ids;
import io.temponest.identity.Permission;
import io.temponest.identity.Role;
import io.temponest.identity.TenantId;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.DocumentStore;
import io.temponest.knowledge.NewDocument;
import io.temponest.node.Node;
import io.temponest.store.Postgres;
import io.temponest.store.SqlFailure;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.sqlclient.SqlConnection;
import java.nio.file.Path;
import java.time.Duration;
import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.random.RandomGenerator;

/**
 * Makes the first tenant of a new database: its roles, its admin with a password and an API key, the built-in agents, and the
 * project's documentation as a collection. All of it is one transaction, and the credentials are on the disk before it is
 * committed: a crash leaves nothing at all, or a tenant that its owner can enter.
 */
final class FirstStart {

    static final String EMAIL = "admin@temponest.local";

    private static final String DOCS = "temponest-docs";
    private static final Duration HASH_LIMIT = Duration.ofSeconds(20);
    private static final int PASSWORD_LENGTH = 24;
    private static final String PASSWORD_ALPHABET = "abcdefghijkmnopqrstuvwxyzABCDEFGHJKLMNPQRSTUVWXYZ23456789";

    private final Vertx vertx;
    private final Bus bus;
    private final Postgres postgres;
    private final Path dataDir;
    private final RandomGenerator random;
    private final Ids ids = new Ids();
    private final UserStore users;

    /**
     * @param dataDir where {@code admin.json} goes
     * @param random a source of secrets, such as {@link java.security.SecureRandom}
     */
    FirstStart(Node node, Postgres postgres, Path dataDir, RandomGenerator random) {
        this.vertx = node.vertx();
        this.bus = node.bus();
        this.postgres = postgres;
        this.dataDir = dataDir;
        this.random = random;
        this.users = new UserStore(postgres, ids);
    }

    /**
     * Makes the first tenant if there is none yet, else notes the URL in the file of its credentials.
     *
     * @return the new credentials; empty when there was a tenant
     */
    Future<Optional<AdminFile>> ensure(String url) {
        return users.findByEmail(EMAIL)
                .compose(found -> found.map(admin -> refresh(admin, url)).orElseGet(() -> make(url)));
    }

    private Future<Optional<AdminFile>> refresh(SignIn admin, String url) {
        return vertx.executeBlocking(() -> {
            Optional<AdminFile> stale = AdminFile.read(dataDir)
                    .filter(file -> file.tenant().equals(admin.tenant().toString()))
                    .filter(file -> !file.url().equals(url));
            if (stale.isPresent()) {
                stale.get().withUrl(url).write(dataDir);
            }
            return Optional.empty();
        });
    }

    private Future<Optional<AdminFile>> make(String url) {
        String password = password();
        TenantId tenant = ids.nextTenant();
        return Future.all(
                        bus.ask(HashingAddresses.HASH, new Hash(password), Deadline.after(HASH_LIMIT)),
                        vertx.executeBlocking(BundledDocs::read))
                .compose(ready -> {
                    HashingAddresses.Hashed hashed = ready.resultAt(0);
                    List<NewDocument> docs = ready.resultAt(1);
                    return postgres.inTenant(
                            tenant,
                            sql -> insert(sql, hashed.hash(), docs)
                                    .map(key -> new AdminFile(
                                            EMAIL, password, key.key().reveal(), tenant.toString(), url))
                                    .compose(this::write));
                })
                .map(Optional::of)
                .recover(failure -> SqlFailure.duplicate(failure).isPresent()
                        // Another process was first, and has told its own user.
                        ? Future.succeededFuture(Optional.empty())
                        : Future.failedFuture(failure));
    }

    private Future<Issued> insert(SqlConnection sql, String passwordHash, List<NewDocument> docs) {
        ApiKeyStore keys = new ApiKeyStore(postgres, ids, random);
        NewApiKey key = new NewApiKey("first key", EnumSet.allOf(Permission.class), Optional.empty());
        return new TenantStore(ids)
                .insert(sql, new NewTenant("Default", "default", "enterprise"))
                .compose(done ->
                        users.insert(sql, new NewUser(EMAIL, "Administrator", passwordHash, Set.of(Role.ADMIN))))
                .compose(admin -> keys.insert(sql, Optional.of(admin), key))
                .compose(issued -> BuiltInAgents.install(new AgentStore(postgres, ids), sql)
                        .compose(done -> insertDocs(sql, docs))
                        .map(issued));
    }

    private Future<Void> insertDocs(SqlConnection sql, List<NewDocument> docs) {
        DocumentStore documents = new DocumentStore(postgres, ids);
        return new CollectionStore(postgres, ids)
                .insert(sql, DOCS, "TempoNest's own documentation")
                .compose(collection -> {
                    Future<?> inserted = Future.succeededFuture();
                    for (NewDocument doc : docs) {
                        inserted = inserted.compose(done -> documents.insert(sql, collection, doc));
                    }
                    return inserted.mapEmpty();
                });
    }

    /** The last step before the commit; when it fails, the transaction does. */
    private Future<AdminFile> write(AdminFile admin) {
        return vertx.executeBlocking(() -> {
            admin.write(dataDir);
            return admin;
        });
    }

    private String password() {
        StringBuilder password = new StringBuilder(PASSWORD_LENGTH);
        for (int i = 0; i < PASSWORD_LENGTH; i++) {
            password.append(PASSWORD_ALPHABET.charAt(random.nextInt(PASSWORD_ALPHABET.length())));
        }
        return password.toString();
    }
}
