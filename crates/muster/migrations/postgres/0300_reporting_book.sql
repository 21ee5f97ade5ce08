-- The book: what is asked (element), in which views (form), of whom (assignment), and how sheets are packed (layout).
-- `value` counts every change of it, so that a cached book is known to be current by one read. A node with more than
-- `crown_min` units below keeps its totals as a row.
create table book_epoch (
    id bigint not null,
    value bigint not null,
    crown_min bigint not null,
    constraint book_epoch_pkey primary key (id)
);
insert into book_epoch (id, value, crown_min) values (1, 0, 256);
create table element (
    id bigint not null,
    code text not null,
    body text not null,
    since bigint not null,
    until bigint not null,
    constraint element_pkey primary key (id),
    constraint element_code_key unique (code)
);
create table form (
    id bigint not null,
    version bigint not null,
    code text not null,
    body text not null,
    since bigint not null,
    until bigint not null,
    constraint form_pkey primary key (id, version),
    constraint form_code_key unique (code, version)
);
create table assignment (
    id bigint not null,
    operation bigint not null,
    form bigint not null,
    unit bigint not null,
    kinds text not null,
    since bigint not null,
    until bigint not null,
    layout text not null,
    constraint assignment_pkey primary key (id)
);
create table layout (
    id bigint not null,
    elements text not null,
    constraint layout_pkey primary key (id),
    constraint layout_elements_key unique (elements)
);
