-- The book: what is asked (element), in which views (form), of whom (assignment), and how sheets are packed (layout).
-- `value` counts every change of it, so that a cached book is known to be current by one read. A node with more than
-- `crown_min` units below keeps its totals as a row.
create table book_epoch (
    id integer not null,
    value integer not null,
    crown_min integer not null,
    constraint book_epoch_pkey primary key (id)
) strict;
insert into book_epoch (id, value, crown_min) values (1, 0, 256);
create table element (
    id integer not null,
    code text not null,
    body text not null,
    since integer not null,
    until integer not null,
    constraint element_pkey primary key (id),
    constraint element_code_key unique (code)
) strict;
create table form (
    id integer not null,
    version integer not null,
    code text not null,
    body text not null,
    since integer not null,
    until integer not null,
    constraint form_pkey primary key (id, version),
    constraint form_code_key unique (code, version)
) strict;
create table assignment (
    id integer not null,
    operation integer not null,
    form integer not null,
    unit integer not null,
    kinds text not null,
    since integer not null,
    until integer not null,
    layout text not null,
    constraint assignment_pkey primary key (id)
) strict;
create table layout (
    id integer not null,
    elements text not null,
    constraint layout_pkey primary key (id),
    constraint layout_elements_key unique (elements)
) strict;
