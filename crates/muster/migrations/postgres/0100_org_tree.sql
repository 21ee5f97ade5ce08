-- The organisation tree. All of it is small and read with every report: on a distributed database these are
-- reference tables, copied whole to every node; `bucket` in `unit` says where the own rows of a unit (sheets, totals) live.
--
-- Truth: unit, unit_edge, unit_facts, succession. Days are numbers from 1970-01-01, `until` is exclusive, 9999999 has
-- no end. Rows of one unit in a table never overlap; that is a rule of the verbs, which no constraint can say on both
-- databases.

-- One row: a counter that every change of the tree moves on, the next surrogates, the next ordinal at the top.
create table tree (
    id bigint not null,
    epoch bigint not null,
    next_unit bigint not null,
    next_class bigint not null,
    next_ordinal bigint not null,
    constraint tree_pkey primary key (id)
);
insert into tree (id, epoch, next_unit, next_class, next_ordinal) values (1, 0, 1, 1, 1);

-- Identity of a unit, which does not change: its code, its home, the next ordinal below it, its last journal entry.
create table unit (
    id bigint not null,
    bucket bigint not null,
    code text collate "C" not null,
    next_ordinal bigint not null,
    last_lane bigint not null,
    last_no bigint not null,
    constraint unit_pkey primary key (id),
    constraint unit_code_key unique (code)
);

-- Below whom, from day to day. Parent 0 is the top. A unit is open on the days on which it has an edge. The ordinal
-- is its number among all that were ever below that parent, and is never given again.
create table unit_edge (
    unit bigint not null,
    since bigint not null,
    until bigint not null,
    parent bigint not null,
    ordinal bigint not null,
    constraint unit_edge_pkey primary key (unit, since),
    constraint unit_edge_days check (until > since)
);
create index unit_edge_parent on unit_edge (parent, until);

-- What a unit is like, from day to day. A row holds all facts of its days: a change of one of them on a day splits the
-- row of that day and is carried into later rows up to the next change of the same fact. Place 0 is none.
create table unit_facts (
    unit bigint not null,
    since bigint not null,
    until bigint not null,
    name_zh_hans text not null,
    name_zh_hant text not null,
    name_en text not null,
    kind text not null,
    place bigint not null,
    time_zone text not null,
    classes text not null,
    constraint unit_facts_pkey primary key (unit, since),
    constraint unit_facts_days check (until > since)
);

-- Classes by their surrogate: a code, and names in the three languages.
create table unit_class (
    id bigint not null,
    code text collate "C" not null,
    name_zh_hans text not null,
    name_zh_hant text not null,
    name_en text not null,
    constraint unit_class_pkey primary key (id),
    constraint unit_class_code_key unique (code)
);

-- One unit came after another, on a day.
create table succession (
    from_unit bigint not null,
    to_unit bigint not null,
    day bigint not null,
    kind text not null,
    constraint succession_pkey primary key (from_unit, to_unit, day)
);
create index succession_to on succession (to_unit);

-- Projection, redrawable: how a unit stands from day to day. `path` orders the tree and makes all below a unit one
-- range; `chain` is the units from the top down to it, packed; `classes` ids, packed.
create table standing (
    unit bigint not null,
    since bigint not null,
    until bigint not null,
    bucket bigint not null,
    parent bigint not null,
    path text collate "C" not null,
    chain bytea not null,
    kind text not null,
    place bigint not null,
    classes bytea not null,
    constraint standing_pkey primary key (unit, since)
);
create index standing_path on standing (path, since, until, unit);
create index standing_parent on standing (parent, since, until, unit);
create index standing_place on standing (place, unit, since, until) where place <> 0;

-- Projection, redrawable: the open units of a class from day to day.
create table standing_class (
    class bigint not null,
    unit bigint not null,
    since bigint not null,
    until bigint not null,
    constraint standing_class_pkey primary key (class, unit, since)
);

-- Names of places, by the number of twelve digits.
create table place_name (
    place bigint not null,
    name text not null,
    constraint place_name_pkey primary key (place)
);

-- Roles at units. Who holds one is a reference, never a name; holdings are dated.
create table post (
    id bigint not null,
    unit bigint not null,
    code text collate "C" not null,
    name_zh_hans text not null,
    name_zh_hant text not null,
    name_en text not null,
    constraint post_pkey primary key (id),
    constraint post_unit_code_key unique (unit, code)
);
create table post_holding (
    post bigint not null,
    since bigint not null,
    until bigint not null,
    holder text not null,
    constraint post_holding_pkey primary key (post, since),
    constraint post_holding_days check (until > since)
);

-- Duty telephones: personal, a class of data of their own. Only here; never in the journal, a brief or a log. A row
-- that is taken out is gone.
create table duty_contact (
    post bigint not null,
    phone text not null,
    constraint duty_contact_pkey primary key (post)
);

-- Bodies beside the tree.
create table outside_party (
    id bigint not null,
    code text collate "C" not null,
    name_zh_hans text not null,
    name_zh_hant text not null,
    name_en text not null,
    kind text not null,
    place bigint not null,
    constraint outside_party_pkey primary key (id),
    constraint outside_party_code_key unique (code)
);
