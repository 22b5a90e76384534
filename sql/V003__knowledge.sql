-- Collections, their documents and passages.

create table collections (
    id              uuid primary key,
    tenant_id       uuid        not null references tenants,
    name            text        not null check (length(name) between 1 and 100),
    description     text        not null default '' check (length(description) <= 1000),
    embedding_model text        not null,
    dimension       integer     not null check (dimension > 0),
    document_count  integer     not null default 0,
    chunk_count     integer     not null default 0,
    revision        bigint      not null default 0,     -- goes up with every change of its passages
    created_at      timestamptz not null default now(),
    updated_at      timestamptz not null default now(),
    unique (tenant_id, name)
);
call tenant_wall('collections');

create table documents (
    id            uuid primary key,
    tenant_id     uuid        not null references tenants,
    collection_id uuid        not null references collections on delete cascade,
    filename      text        not null check (length(filename) between 1 and 255),
    media_type    text        not null,
    size_bytes    bigint      not null,
    sha256        bytea       not null,
    status        text        not null default 'queued' check (status in ('queued', 'indexing', 'indexed', 'failed')),
    owner         uuid,
    attempts      integer     not null default 0,
    chunk_count   integer     not null default 0,
    error         jsonb,
    created_at    timestamptz not null default now(),
    indexed_at    timestamptz
);
call tenant_wall('documents');
call engine_door('documents');
create index documents_collection on documents (collection_id, id);                        -- list of a collection's documents
create index documents_queued on documents (id) where status = 'queued';                   -- claim
create index documents_owner on documents (owner) where owner is not null;                 -- reaper: documents of a lost session

create table document_contents (
    document_id uuid primary key references documents on delete cascade,
    tenant_id   uuid  not null references tenants,
    content     bytea not null
);
call tenant_wall('document_contents');

create table chunks (
    id            uuid primary key,
    tenant_id     uuid    not null references tenants,
    collection_id uuid    not null references collections on delete cascade,
    document_id   uuid    not null references documents on delete cascade,
    ordinal       integer not null,
    text          text    not null,
    location      jsonb   not null,
    token_count   integer not null,
    embedding     bytea   not null,     -- float32, little-endian, of unit length
    unique (document_id, ordinal)
);
call tenant_wall('chunks');
create index chunks_collection on chunks (collection_id, id);                              -- load of a collection's vectors

grant select, insert, update, delete on collections, documents, chunks to temponest_app;
grant select, insert, delete on document_contents to temponest_app;
grant select, update on documents to temponest_engine;
