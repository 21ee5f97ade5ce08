-- Who changed an assignment, in the order it was done: where the journal tells it, and why. The reason is words of a
-- person, so the journal holds only their hash.
create table reassigned (
    assignment integer not null,
    rev integer not null,
    lane integer not null,
    no integer not null,
    words text not null,
    constraint reassigned_pkey primary key (assignment, rev)
) strict, without rowid;
