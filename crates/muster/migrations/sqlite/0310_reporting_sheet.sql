-- One sheet per operation, subject and period. The numbers are packed by a layout; `acts` says what was done on which
-- form. Clustered by its key, so that a subtree of a day is one range.
create table sheet (
    bucket integer not null,
    operation integer not null,
    day integer not null,
    slot integer not null,
    unit integer not null,
    scope integer not null,
    rev integer not null,
    at integer not null,
    last_lane integer not null,
    last_no integer not null,
    layout integer not null,
    vals blob not null,
    acts blob not null,
    constraint sheet_pkey primary key (bucket, operation, day, slot, unit, scope)
) strict, without rowid;
-- Days and units that have a statement about all below; few, and asked for with every total.
create table statement (
    bucket integer not null,
    operation integer not null,
    day integer not null,
    slot integer not null,
    unit integer not null,
    constraint statement_pkey primary key (bucket, operation, day, slot, unit)
) strict, without rowid;
-- Words: text values by element, and the reason of a correction as element 0. Every revision is kept; the journal
-- holds only their hashes, so that a text can be taken out where it must.
create table note (
    bucket integer not null,
    operation integer not null,
    day integer not null,
    slot integer not null,
    unit integer not null,
    scope integer not null,
    element integer not null,
    rev integer not null,
    words text not null,
    constraint note_pkey primary key (bucket, operation, day, slot, unit, scope, element, rev)
) strict, without rowid;
-- Corrections in the order they came: the brief of the day lists those since the one before.
create table correction (
    bucket integer not null,
    operation integer not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    day integer not null,
    slot integer not null,
    unit integer not null,
    scope integer not null,
    rev integer not null,
    constraint correction_pkey primary key (bucket, operation, at, lane, no)
) strict, without rowid;
-- Incidents come at once, outside the daily report, and reach every level; nobody between holds or edits them.
create table incident (
    id text not null,
    bucket integer not null,
    operation integer not null,
    day integer not null,
    unit integer not null,
    element integer not null,
    value integer not null,
    at integer not null,
    actor text not null,
    words text not null,
    constraint incident_pkey primary key (bucket, operation, day, unit, id)
) strict, without rowid;
-- Days of a form that are frozen: what comes later is tomorrow's correction.
create table frozen (
    bucket integer not null,
    operation integer not null,
    form integer not null,
    day integer not null,
    at integer not null,
    constraint frozen_pkey primary key (bucket, operation, form, day)
) strict, without rowid;
