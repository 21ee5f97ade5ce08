-- What an operation says of a personal field otherwise than is said of it from the start: on what legal basis it is kept,
-- and for how many days after its occasion ended.
create table privacy_rule (
    operation bigint not null,
    field text not null,
    basis text not null,
    keep_days bigint not null,
    rev bigint not null,
    constraint privacy_rule_pkey primary key (operation, field)
);
-- The day on which an operation ends, as far as persons are concerned, and why; a later one is a decision of its own.
create table privacy_end (
    operation bigint not null,
    day bigint not null,
    reason text not null,
    rev bigint not null,
    constraint privacy_end_pkey primary key (operation)
);
