-- Personal fields are sealed before they reach a table (crates/muster-seal). A unit's key is wrapped by a master key, which
-- lies in a file apart from the database; a person's by the unit's. Who destroys a person's key has destroyed what it sealed.
create table seal_unit_key (
    unit bigint not null,
    master bytea not null,
    wrapped bytea not null,
    constraint seal_unit_key_pkey primary key (unit)
);

-- Whose: `post:7`.
create table seal_person_key (
    subject text not null,
    unit bigint not null,
    wrapped bytea not null,
    constraint seal_person_key_pkey primary key (subject)
);

-- Telephones as an older version kept them; the program seals them before it serves, and leaves this empty.
alter table duty_contact rename to duty_contact_plain;
alter table duty_contact_plain rename constraint duty_contact_pkey to duty_contact_plain_pkey;

-- Duty telephones, sealed; the index finds one of which the whole number is known, and tells nothing of it.
create table duty_contact (
    post bigint not null,
    sealed bytea not null,
    phone_index bytea not null,
    constraint duty_contact_pkey primary key (post)
);
create index duty_contact_phone on duty_contact (phone_index);

-- Where in the journal it says that telephones of a node were read: what each entry says stands there alone.
create table contact_look (
    node text not null,
    at bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint contact_look_pkey primary key (node, at, lane, no)
);
