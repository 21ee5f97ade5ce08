-- Who somebody is, is personal: a login name is sealed like a telephone, and found again by an index of the whole name
-- that tells nothing of it. A role of the demonstration is nobody and has no name; of an account that was erased the index
-- says its id.
create table account_sealed (
    id text not null,
    name_sealed blob,
    name_index blob,
    unit integer not null,
    password_hash text,
    since integer not null,
    until integer not null,
    rev integer not null,
    last_lane integer,
    last_no integer,
    constraint account_pkey primary key (id)
) strict;
insert into account_sealed (id, unit, password_hash, since, until, rev, last_lane, last_no)
select id, unit, password_hash, since, until, rev, last_lane, last_no from account;
-- Names as an older version kept them; the program seals them before it serves, and leaves this empty.
create table account_plain (
    id text not null,
    name text not null,
    constraint account_plain_pkey primary key (id)
) strict, without rowid;
insert into account_plain (id, name) select id, name from account where name <> id or password_hash is not null;
drop table account;
alter table account_sealed rename to account;
create unique index account_name_index on account (name_index);
create index account_unit on account (unit);
-- Names whose time may be over.
create index account_ending on account (until) where name_sealed is not null;
