-- Which entry of the journal changed how units stand, from which day on, and when that was said: so that whoever asks for
-- a past moment, or makes a frozen day again, is told that the tree was another then.
create table tree_entry (
    lane bigint not null,
    no bigint not null,
    at bigint not null,
    since bigint not null,
    constraint tree_entry_pkey primary key (lane, no)
);
create index tree_entry_at on tree_entry (at);
