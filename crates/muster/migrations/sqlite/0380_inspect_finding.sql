-- What inspectors found. Rows are added and never changed: what followed stands in a table of its own.
create table finding (
    id text not null,
    operation integer not null,
    unit integer not null,
    day integer,
    kind text not null,
    words text not null,
    evidence text not null,
    actor text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint finding_pkey primary key (id)
) strict;
create index finding_at on finding (operation, at, id);
-- The answer of the unit's office, and the close: of each at most one.
create table finding_step (
    finding text not null,
    kind text not null,
    words text not null,
    actor text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint finding_step_pkey primary key (finding, kind)
) strict;
