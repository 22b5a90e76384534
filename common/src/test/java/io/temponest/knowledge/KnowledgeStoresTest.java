package io.temponest.knowledge;

import static java.nio.charset.StandardCharsets.UTF_8;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import io.temponest.error.ApiException;
import io.temponest.identity.Ids;
import io.temponest.identity.Kind;
import io.temponest.identity.TenantId;
import io.temponest.identity.TypeId;
import io.temponest.store.Page;
import io.temponest.store.PageRequest;
import io.temponest.store.Postgres;
import io.temponest.testing.TestDatabase;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.Test;

/** Collections and documents as the gateway sees them. */
class KnowledgeStoresTest {

    private static final TestDatabase DATABASE = TestDatabase.create();
    private static final Vertx VERTX = Vertx.vertx();
    private static final Ids IDS = new Ids();
    private static final Postgres POSTGRES = DATABASE.connect(VERTX);
    private static final CollectionStore COLLECTIONS = new CollectionStore(POSTGRES, IDS);
    private static final DocumentStore DOCUMENTS = new DocumentStore(POSTGRES, IDS);

    private final TenantId tenant = DATABASE.tenant();
    private final TenantId other = DATABASE.tenant();

    @AfterAll
    static void close() throws TimeoutException {
        await(POSTGRES.close());
        await(VERTX.close());
    }

    @Test
    void aCollectionIsCreatedEmpty() throws TimeoutException {
        Collection created = await(COLLECTIONS.create(tenant, "Handbook", "How we work"));

        assertThat(created.documentCount()).isZero();
        assertThat(created.embeddingModel()).isEqualTo("temponest/minilm");
        assertThat(await(COLLECTIONS.get(tenant, created.id()))).contains(created);
    }

    @Test
    void aNameIsTakenOnceInATenant() throws TimeoutException {
        await(COLLECTIONS.create(tenant, "Handbook", ""));
        await(COLLECTIONS.create(other, "Handbook", ""));

        assertThatThrownBy(() -> await(COLLECTIONS.create(tenant, "Handbook", "")))
                .isInstanceOfSatisfying(ApiException.class, failure -> {
                    assertThat(failure.error().code()).isEqualTo("collection_exists");
                    assertThat(failure.error().type().status()).isEqualTo(409);
                });
    }

    @Test
    void pagesOfCollectionsAreNewestFirstAndComplete() throws TimeoutException {
        List<String> names = List.of("a", "b", "c");
        for (String name : names) {
            await(COLLECTIONS.create(tenant, name, ""));
        }

        Page<Collection> first = await(COLLECTIONS.list(tenant, PageRequest.first(2)));
        PageRequest next =
                new PageRequest(2, Optional.of(first.items().getLast().id().uuid()), Optional.empty(), true);

        assertThat(first.items()).extracting(Collection::name).containsExactly("c", "b");
        assertThat(await(COLLECTIONS.list(tenant, next)).items())
                .extracting(Collection::name)
                .containsExactly("a");
    }

    @Test
    void anotherTenantSeesAndChangesNothing() throws TimeoutException {
        TypeId collection = await(COLLECTIONS.create(tenant, "Secret", "")).id();
        Document document = await(DOCUMENTS.add(tenant, collection, List.of(file("a.txt"))))
                .orElseThrow()
                .getFirst();

        assertThat(await(COLLECTIONS.get(other, collection))).isEmpty();
        assertThat(await(DOCUMENTS.get(other, collection, document.id()))).isEmpty();
        assertThat(await(DOCUMENTS.add(other, collection, List.of(file("b.txt")))))
                .isEmpty();
        assertThat(await(DOCUMENTS.delete(other, collection, document.id()))).isFalse();
        assertThat(await(COLLECTIONS.delete(other, collection))).isFalse();
        assertThat(await(COLLECTIONS.get(tenant, collection)).orElseThrow().documentCount())
                .isEqualTo(1);
    }

    @Test
    void anAddedDocumentIsQueuedAndCounted() throws TimeoutException {
        TypeId collection = await(COLLECTIONS.create(tenant, "Docs", "")).id();

        Document added = await(DOCUMENTS.add(tenant, collection, List.of(file("a.txt"))))
                .orElseThrow()
                .getFirst();

        assertThat(added.status()).isEqualTo(DocumentStatus.QUEUED);
        assertThat(added.sizeBytes()).isEqualTo(5);
        assertThat(await(DOCUMENTS.list(tenant, collection, PageRequest.first(10)))
                        .items())
                .containsExactly(added);
        assertThat(await(COLLECTIONS.get(tenant, collection)).orElseThrow().documentCount())
                .isEqualTo(1);
    }

    @Test
    void aDocumentCannotBeAddedToACollectionThatDoesNotExist() throws TimeoutException {
        assertThat(await(DOCUMENTS.add(tenant, IDS.next(Kind.COLLECTION), List.of(file("a.txt")))))
                .isEmpty();
    }

    @Test
    void aDeletedDocumentIsNotCountedAnyMore() throws TimeoutException {
        TypeId collection = await(COLLECTIONS.create(tenant, "Docs", "")).id();
        TypeId document = await(DOCUMENTS.add(tenant, collection, List.of(file("a.txt"))))
                .orElseThrow()
                .getFirst()
                .id();

        assertThat(await(DOCUMENTS.delete(tenant, collection, document))).isTrue();

        assertThat(await(DOCUMENTS.get(tenant, collection, document))).isEmpty();
        assertThat(await(COLLECTIONS.get(tenant, collection)).orElseThrow().documentCount())
                .isZero();
    }

    @Test
    void onlyADocumentThatIsDoneIsQueuedAgain() throws TimeoutException {
        TypeId collection = await(COLLECTIONS.create(tenant, "Docs", "")).id();
        TypeId document = await(DOCUMENTS.add(tenant, collection, List.of(file("a.txt"))))
                .orElseThrow()
                .getFirst()
                .id();

        assertThat(await(DOCUMENTS.requeue(tenant, collection, document))).isFalse();
        DATABASE.execute("update documents set status = 'failed', attempts = 3 where id = ?", document.uuid());

        assertThat(await(DOCUMENTS.requeue(tenant, collection, document))).isTrue();
        assertThat(await(DOCUMENTS.get(tenant, collection, document))
                        .orElseThrow()
                        .status())
                .isEqualTo(DocumentStatus.QUEUED);
    }

    private static NewDocument file(String name) {
        return new NewDocument(name, MediaTypes.PLAIN, "hello".getBytes(UTF_8));
    }

    private static <T> T await(Future<T> future) throws TimeoutException {
        return future.await(10, TimeUnit.SECONDS);
    }
}
