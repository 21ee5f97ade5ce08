-- What is to be told outside: written with the deed, carried out later. Of a key there is one letter. `next_at`: when it is
-- tried next, or until when it is claimed; null once it is over.
create table letter (
    id text not null,
    operation integer not null,
    unit integer not null,
    channel text not null,
    kind text not null,
    key text not null,
    subject text not null,
    words text not null,
    digest text not null,
    due_at integer not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    state text not null,
    attempts integer not null,
    next_at integer,
    held integer not null,
    message text not null,
    lease text not null,
    parts_sent integer not null,
    error text not null,
    ended_at integer,
    constraint letter_pkey primary key (id),
    constraint letter_key unique (operation, key)
) strict;
create index letter_at on letter (operation, at, id);
create index letter_due on letter (channel, next_at) where next_at is not null;
create index letter_message on letter (message) where next_at is not null;
-- Words whose time may be over.
create index letter_ended on letter (ended_at) where words <> '';
