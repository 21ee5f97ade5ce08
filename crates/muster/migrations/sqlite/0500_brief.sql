-- A frozen brief: one for each day of a form. `digest` covers its documents, the origins of its figures and the cut
-- (`heads`); `origins` is the digest of the origins alone. Nothing here is ever changed.
create table brief (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    number integer not null,
    at integer not null,
    actor text not null,
    digest text not null,
    origins text not null,
    heads text not null,
    units integer not null,
    revisions integer not null,
    constraint brief_pkey primary key (bucket, operation, form, day),
    constraint brief_number_key unique (bucket, operation, form, number)
) strict;
-- Its documents, byte for byte, one a language.
create table brief_document (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    lang text not null,
    body text not null,
    constraint brief_document_pkey primary key (bucket, operation, form, day, lang)
) strict;
-- Which revision of which sheet is in its figures, for the day and the day before (`period`), packed in chunks;
-- `unit` is the first one in a chunk.
create table brief_origin (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    period integer not null,
    unit integer not null,
    packed blob not null,
    constraint brief_origin_pkey primary key (bucket, operation, form, day, period, unit)
) strict;
-- What the office writes beside the figures, until the day is frozen.
create table brief_narrative (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    rev integer not null,
    at integer not null,
    actor text not null,
    body text not null,
    constraint brief_narrative_pkey primary key (bucket, operation, form, day)
) strict;
-- Printed files of frozen briefs: what was once handed out is handed out again, byte for byte.
create table brief_file (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    lang text not null,
    format text not null,
    at integer not null,
    digest text not null,
    bytes blob not null,
    constraint brief_file_pkey primary key (bucket, operation, form, day, lang, format)
) strict;
