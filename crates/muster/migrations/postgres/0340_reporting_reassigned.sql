-- Who changed an assignment, in the order it was done: where the journal tells it, and why. The reason is words of a
-- person, so the journal holds only their hash.
create table reassigned (
    assignment bigint not null,
    rev bigint not null,
    lane bigint not null,
    no bigint not null,
    words text not null,
    constraint reassigned_pkey primary key (assignment, rev)
);
