-- By what a unit is reached from outside. Where it leads, and what opens it, is sealed; ended, that is gone and the row stays.
create table channel (
    id text not null,
    operation bigint not null,
    unit bigint not null,
    code text not null,
    kind text not null,
    host text not null,
    sealed bytea,
    quiet_from bigint,
    quiet_until bigint,
    ended_at bigint not null,
    rev bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint channel_pkey primary key (id),
    constraint channel_code unique (operation, unit, code)
);
create index channel_unit on channel (unit, code);
-- How much went to a channel lately: locked by whoever claims its letters.
create table channel_pace (
    channel text not null,
    mark bigint not null,
    constraint channel_pace_pkey primary key (channel)
);
