-- Personal fields are sealed before they reach a table (crates/muster-seal). A unit's key is wrapped by a master key, which
-- lies in a file apart from the database; a person's by the unit's. Who destroys a person's key has destroyed what it sealed.
create table seal_unit_key (
    unit integer not null,
    master blob not null,
    wrapped blob not null,
    constraint seal_unit_key_pkey primary key (unit)
) strict;

-- Whose: `post:7`.
create table seal_person_key (
    subject text not null,
    unit integer not null,
    wrapped blob not null,
    constraint seal_person_key_pkey primary key (subject)
) strict, without rowid;

-- Telephones as an older version kept them; the program seals them before it serves, and leaves this empty.
alter table duty_contact rename to duty_contact_plain;

-- Duty telephones, sealed; the index finds one of which the whole number is known, and tells nothing of it.
create table duty_contact (
    post integer not null,
    sealed blob not null,
    phone_index blob not null,
    constraint duty_contact_pkey primary key (post)
) strict;
create index duty_contact_phone on duty_contact (phone_index);

-- Where in the journal it says that telephones of a node were read: what each entry says stands there alone.
create table contact_look (
    node text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint contact_look_pkey primary key (node, at, lane, no)
) strict, without rowid;
