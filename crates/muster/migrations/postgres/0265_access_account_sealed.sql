-- Who somebody is, is personal: a login name is sealed like a telephone, and found again by an index of the whole name
-- that tells nothing of it. A role of the demonstration is nobody and has no name; of an account that was erased the index
-- says its id.
create table account_plain (
    id text not null,
    name text not null,
    constraint account_plain_pkey primary key (id)
);
-- Names as an older version kept them; the program seals them before it serves, and leaves this empty.
insert into account_plain (id, name) select id, name from account where name <> id or password_hash is not null;
alter table account drop column name;
alter table account add column name_sealed bytea;
alter table account add column name_index bytea;
create unique index account_name_index on account (name_index);
-- Names whose time may be over.
create index account_ending on account (until) where name_sealed is not null;
