-- By what a unit is reached from outside. Where it leads, and what opens it, is sealed; ended, that is gone and the row stays.
create table channel (
    id text not null,
    operation integer not null,
    unit integer not null,
    code text not null,
    kind text not null,
    host text not null,
    sealed blob,
    quiet_from integer,
    quiet_until integer,
    ended_at integer not null,
    rev integer not null,
    lane integer not null,
    no integer not null,
    constraint channel_pkey primary key (id),
    constraint channel_code unique (operation, unit, code)
) strict;
create index channel_unit on channel (unit, code);
-- How much went to a channel lately: locked by whoever claims its letters.
create table channel_pace (
    channel text not null,
    mark integer not null,
    constraint channel_pace_pkey primary key (channel)
) strict, without rowid;
