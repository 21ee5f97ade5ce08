-- One sheet per operation, subject and period. The numbers are packed by a layout; `acts` says what was done on which
-- form. Clustered by its key, so that a subtree of a day is one range.
create table sheet (
    bucket bigint not null,
    operation bigint not null,
    day bigint not null,
    slot bigint not null,
    unit bigint not null,
    scope bigint not null,
    rev bigint not null,
    at bigint not null,
    last_lane bigint not null,
    last_no bigint not null,
    layout bigint not null,
    vals bytea not null,
    acts bytea not null,
    constraint sheet_pkey primary key (bucket, operation, day, slot, unit, scope)
);
-- Days and units that have a statement about all below; few, and asked for with every total.
create table statement (
    bucket bigint not null,
    operation bigint not null,
    day bigint not null,
    slot bigint not null,
    unit bigint not null,
    constraint statement_pkey primary key (bucket, operation, day, slot, unit)
);
-- Words: text values by element, and the reason of a correction as element 0. Every revision is kept; the journal
-- holds only their hashes, so that a text can be taken out where it must.
create table note (
    bucket bigint not null,
    operation bigint not null,
    day bigint not null,
    slot bigint not null,
    unit bigint not null,
    scope bigint not null,
    element bigint not null,
    rev bigint not null,
    words text not null,
    constraint note_pkey primary key (bucket, operation, day, slot, unit, scope, element, rev)
);
-- Corrections in the order they came: the brief of the day lists those since the one before.
create table correction (
    bucket bigint not null,
    operation bigint not null,
    at bigint not null,
    lane bigint not null,
    no bigint not null,
    day bigint not null,
    slot bigint not null,
    unit bigint not null,
    scope bigint not null,
    rev bigint not null,
    constraint correction_pkey primary key (bucket, operation, at, lane, no)
);
-- Incidents come at once, outside the daily report, and reach every level; nobody between holds or edits them.
create table incident (
    id text not null,
    bucket bigint not null,
    operation bigint not null,
    day bigint not null,
    unit bigint not null,
    element bigint not null,
    value bigint not null,
    at bigint not null,
    actor text not null,
    words text not null,
    constraint incident_pkey primary key (bucket, operation, day, unit, id)
);
-- Days of a form that are frozen: what comes later is tomorrow's correction.
create table frozen (
    bucket bigint not null,
    operation bigint not null,
    form bigint not null,
    day bigint not null,
    at bigint not null,
    constraint frozen_pkey primary key (bucket, operation, form, day)
);
