package io.temponest.gateway.knowledge;

import io.temponest.audit.AuditEntry;
import io.temponest.bus.Bus;
import io.temponest.error.ApiError;
import io.temponest.error.ApiException;
import io.temponest.error.ErrorType;
import io.temponest.gateway.change.Changes;
import io.temponest.gateway.change.Made;
import io.temponest.gateway.http.Access;
import io.temponest.gateway.http.Answer;
import io.temponest.gateway.http.BodyKind;
import io.temponest.gateway.http.Call;
import io.temponest.gateway.http.Endpoint;
import io.temponest.gateway.http.Fields;
import io.temponest.gateway.http.Listing;
import io.temponest.gateway.http.Preconditions;
import io.temponest.gateway.http.Query;
import io.temponest.identity.Kind;
import io.temponest.identity.Permission;
import io.temponest.identity.TypeId;
import io.temponest.knowledge.Collection;
import io.temponest.knowledge.CollectionStore;
import io.temponest.knowledge.Document;
import io.temponest.knowledge.DocumentStore;
import io.temponest.knowledge.KnowledgeAddresses;
import io.temponest.knowledge.KnowledgeAddresses.DocumentQueued;
import io.temponest.knowledge.MediaTypes;
import io.temponest.knowledge.NewDocument;
import io.vertx.core.Future;
import io.vertx.core.Vertx;
import io.vertx.ext.web.FileUpload;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The documents of a collection. */
public final class DocumentEndpoints {

    private static final String FIELD = "file";
    private static final int MOST_FILES = 20;
    private static final long LARGEST_FILE = 10 << 20;

    private final Vertx vertx;
    private final CollectionStore collections;
    private final DocumentStore documents;
    private final Bus bus;
    private final Changes changes;

    public DocumentEndpoints(
            Vertx vertx, CollectionStore collections, DocumentStore documents, Bus bus, Changes changes) {
        this.vertx = vertx;
        this.collections = collections;
        this.documents = documents;
        this.bus = bus;
        this.changes = changes;
    }

    public List<Endpoint> all() {
        Access read = Access.needs(Permission.KNOWLEDGE_READ);
        Access manage = Access.needs(Permission.KNOWLEDGE_MANAGE);
        String path = "/v1/collections/{collection}/documents";
        return List.of(
                Endpoint.post(path, manage, BodyKind.FILES, this::upload).creating(),
                Endpoint.get(path, read, this::list).with(Query.PAGE),
                Endpoint.get(path + "/{document}", read, this::get).single(),
                Endpoint.delete(path + "/{document}", manage, this::delete));
    }

    /** All files are looked at before the first is stored: a form with a file that cannot be read stores none. */
    private Future<Answer> upload(Call call) {
        TypeId collection = call.id(Kind.COLLECTION);
        List<FileUpload> files = files(call);
        return exists(call, collection)
                .compose(exists -> read(call, files))
                .compose(accepted -> changes.create(
                        call,
                        sql -> documents
                                .add(sql, collection, accepted)
                                .map(added -> stored(
                                        call,
                                        added.orElseThrow(() -> CollectionEndpoints.notFound(collection)
                                                .exception())))));
    }

    private Made stored(Call call, List<Document> stored) {
        Made made = Made.of(new Answer.Json(
                        202,
                        Listing.all(
                                stored.stream().map(DocumentView::of).toList(),
                                view -> view.id().toString()),
                        Map.of()))
                .then(() -> stored.forEach(
                        document -> bus.nudge(KnowledgeAddresses.INDEX, new DocumentQueued(document.id()))));
        for (Document document : stored) {
            made = made.audited(entry(call, "document.create", document));
        }
        return made;
    }

    private static AuditEntry entry(Call call, String action, Document document) {
        return AuditEntry.success(
                call.actor(),
                action,
                document.id(),
                Map.of(
                        "filename",
                        document.filename(),
                        "collection",
                        document.collectionId().toString()));
    }

    private static List<FileUpload> files(Call call) {
        List<FileUpload> files = call.files();
        call.formFields().stream().findFirst().ifPresent(name -> {
            throw ApiError.invalid(
                            name,
                            "unknown_field",
                            "'%s' is not a field of this form; it has files in 'file'.".formatted(name))
                    .exception();
        });
        files.stream().filter(file -> !file.name().equals(FIELD)).findFirst().ifPresent(file -> {
            throw ApiError.invalid(
                            file.name(),
                            "unknown_field",
                            "Files go into the field 'file', not '%s'.".formatted(file.name()))
                    .exception();
        });
        if (files.isEmpty()) {
            throw ApiError.invalid(FIELD, "missing_field", "'file' is required.")
                    .exception();
        }
        if (files.size() > MOST_FILES) {
            throw Fields.invalid(FIELD, "may be repeated at most %d times".formatted(MOST_FILES));
        }
        files.stream().filter(file -> file.size() > LARGEST_FILE).findFirst().ifPresent(file -> {
            throw new ApiError(
                            ErrorType.REQUEST_TOO_LARGE_ERROR,
                            "'%s' is larger than 10 MiB.".formatted(name(file)),
                            Optional.of(FIELD),
                            "file_too_large")
                    .exception();
        });
        return files;
    }

    private Future<Collection> exists(Call call, TypeId collection) {
        return collections
                .get(call.tenant(), collection)
                .map(found -> found.orElseThrow(
                        () -> CollectionEndpoints.notFound(collection).exception()));
    }

    private Future<List<NewDocument>> read(Call call, List<FileUpload> files) {
        List<NewDocument> accepted = new ArrayList<>();
        Future<?> done = Future.succeededFuture();
        for (FileUpload file : files) {
            done = done.compose(next -> vertx.fileSystem().readFile(file.uploadedFileName()))
                    .compose(content -> call.offLoop(content.length(), () -> accept(name(file), content.getBytes())))
                    .onSuccess(accepted::add);
        }
        return done.map(accepted);
    }

    private static NewDocument accept(String name, byte[] content) {
        return switch (MediaTypes.detect(name, content)) {
            case MediaTypes.Detected.Accepted(String type) -> new NewDocument(name, type, content);
            case MediaTypes.Detected.Refused(String code, String reason) -> throw refused(code, reason);
        };
    }

    private static ApiException refused(String code, String reason) {
        boolean type = code.equals("file_type_unsupported") || code.equals("file_content_mismatch");
        return new ApiError(
                        type ? ErrorType.UNSUPPORTED_MEDIA_TYPE_ERROR : ErrorType.INVALID_REQUEST_ERROR,
                        reason,
                        Optional.of(FIELD),
                        code)
                .exception();
    }

    /** The last part of what the client calls the file; some send its path. */
    private static String name(FileUpload file) {
        String name = file.fileName();
        return name.substring(Math.max(name.lastIndexOf('/'), name.lastIndexOf('\\')) + 1);
    }

    private Future<Answer> list(Call call) {
        TypeId collection = call.id(Kind.COLLECTION);
        return exists(call, collection)
                .compose(exists ->
                        documents.list(call.tenant(), collection, call.query().page(Kind.DOCUMENT)))
                .map(page ->
                        Answer.page(page, DocumentView::of, view -> view.id().toString()));
    }

    private Future<Answer> get(Call call) {
        TypeId id = call.id(Kind.DOCUMENT);
        return documents
                .get(call.tenant(), call.id(Kind.COLLECTION), id)
                .map(found -> Answer.ok(DocumentView.of(found.orElseThrow(
                        () -> ApiError.notFound("document", id.toString()).exception()))));
    }

    private Future<Answer> delete(Call call) {
        TypeId id = call.id(Kind.DOCUMENT);
        TypeId collection = call.id(Kind.COLLECTION);
        Preconditions known = call.ifMatch();
        return changes.change(
                call,
                sql -> documents
                        .lock(sql, collection, id)
                        .map(found -> found.orElseThrow(() ->
                                ApiError.notFound("document", id.toString()).exception()))
                        .compose(found -> {
                            known.check(DocumentView.of(found));
                            return documents
                                    .delete(sql, collection, id)
                                    .map(gone ->
                                            Made.of(new Answer.Empty()).audited(entry(call, "document.delete", found)));
                        }));
    }
}
