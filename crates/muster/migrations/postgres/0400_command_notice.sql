-- Files as received, by the hash of their bytes (`sha256:<hex>`). Never changed.
create table notice_file (
    digest text not null,
    media_type text not null,
    bytes bytea not null,
    constraint notice_file_pkey primary key (digest)
);
-- A text of a superior and what was made out of it. `study` is the study as JSON without its conjectures; `title` is
-- the readable title, so that a list need not open studies, and `title_spans` is what it is written anew from when
-- a conjecture in it is decided.
create table notice (
    bucket bigint not null,
    operation bigint not null,
    id text not null,
    digest text not null,
    received_at bigint not null,
    kind text not null,
    title text,
    title_spans text not null,
    published_at text,
    meeting_day bigint,
    measures bigint not null,
    study text not null,
    constraint notice_pkey primary key (bucket, operation, id),
    constraint notice_digest_key unique (bucket, operation, digest)
);
-- What is proposed about a text, and what a person decided. `state` is open, accepted or refused.
create table notice_conjecture (
    bucket bigint not null,
    operation bigint not null,
    notice text not null,
    n bigint not null,
    place_start bigint not null,
    place_end bigint not null,
    original text not null,
    proposed text not null,
    phrase text not null,
    reason text not null,
    state text not null,
    decided_by text,
    decided_at bigint,
    constraint notice_conjecture_pkey primary key (bucket, operation, notice, n)
);
