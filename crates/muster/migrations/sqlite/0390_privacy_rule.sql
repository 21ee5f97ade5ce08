-- What an operation says of a personal field otherwise than is said of it from the start: on what legal basis it is kept,
-- and for how many days after its occasion ended.
create table privacy_rule (
    operation integer not null,
    field text not null,
    basis text not null,
    keep_days integer not null,
    rev integer not null,
    constraint privacy_rule_pkey primary key (operation, field)
) strict;
-- The day on which an operation ends, as far as persons are concerned, and why; a later one is a decision of its own.
create table privacy_end (
    operation integer not null,
    day integer not null,
    reason text not null,
    rev integer not null,
    constraint privacy_end_pkey primary key (operation)
) strict;
