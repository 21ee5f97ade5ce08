-- Links by which a unit files one form without an account. Only hashes: of what stands in the link, and of its PIN together
-- with that, so that whoever has the table can try no PIN.
create table access_link (
    id text not null,
    token_hash text not null,
    unit integer not null,
    form text not null,
    operation integer not null,
    issued_at integer not null,
    expires_at integer not null,
    pin_hash text not null,
    giver text not null,
    ended_at integer not null,
    tries integer not null,
    tried_at integer not null,
    constraint access_link_pkey primary key (id),
    constraint access_link_token_key unique (token_hash)
) strict;
create index access_link_unit on access_link (unit, form);
-- Devices on which a link was opened.
create table access_device (
    token_hash text not null,
    link text not null,
    opened_at integer not null,
    agent text not null,
    constraint access_device_pkey primary key (token_hash)
) strict;
create index access_device_link on access_device (link);
