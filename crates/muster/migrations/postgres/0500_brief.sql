-- A frozen brief: one for each day of a form. `digest` covers its documents, the origins of its figures and the cut
-- (`heads`); `origins` is the digest of the origins alone. Nothing here is ever changed.
create table brief (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    number bigint not null,
    at bigint not null,
    actor text not null,
    digest text not null,
    origins text not null,
    heads text not null,
    units bigint not null,
    revisions bigint not null,
    constraint brief_pkey primary key (bucket, operation, form, day),
    constraint brief_number_key unique (bucket, operation, form, number)
);
-- Its documents, byte for byte, one a language.
create table brief_document (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    lang text not null,
    body text not null,
    constraint brief_document_pkey primary key (bucket, operation, form, day, lang)
);
-- Which revision of which sheet is in its figures, for the day and the day before (`period`), packed in chunks;
-- `unit` is the first one in a chunk.
create table brief_origin (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    period bigint not null,
    unit bigint not null,
    packed bytea not null,
    constraint brief_origin_pkey primary key (bucket, operation, form, day, period, unit)
);
-- What the office writes beside the figures, until the day is frozen.
create table brief_narrative (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    rev bigint not null,
    at bigint not null,
    actor text not null,
    body text not null,
    constraint brief_narrative_pkey primary key (bucket, operation, form, day)
);
-- Printed files of frozen briefs: what was once handed out is handed out again, byte for byte.
create table brief_file (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    lang text not null,
    format text not null,
    at bigint not null,
    digest text not null,
    bytes bytea not null,
    constraint brief_file_pkey primary key (bucket, operation, form, day, lang, format)
);
