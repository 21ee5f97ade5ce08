-- The end of each lane of the journal. SQLite has one writer and therefore one lane.
create table lane (
    bucket integer not null,
    lane integer not null,
    no integer not null,
    head blob not null,
    constraint lane_pkey primary key (bucket, lane)
) strict, without rowid;
insert into lane (bucket, lane, no, head) values (1, 0, 0, x'');

-- What was done. Rows are only ever added.
create table journal (
    bucket integer not null,
    lane integer not null,
    no integer not null,
    at integer not null,
    actor text not null,
    operation integer not null,
    action text not null,
    subject text not null,
    prev_lane integer,
    prev_no integer,
    request text,
    body blob not null,
    hash blob not null,
    constraint journal_pkey primary key (bucket, lane, no)
) strict, without rowid;

-- Numbers that only get added to; one row per node and lane, packed.
create table total (
    bucket integer not null,
    day integer not null,
    series integer not null,
    node integer not null,
    lane integer not null,
    packed blob not null,
    constraint total_pkey primary key (bucket, day, series, node, lane)
) strict, without rowid;

-- Answers already given, so that the same request asked twice is stored once.
create table request_key (
    bucket integer not null,
    key text not null,
    fingerprint blob not null,
    response blob not null,
    expires_at integer not null,
    constraint request_key_pkey primary key (bucket, key)
) strict, without rowid;
create index request_key_expires on request_key (bucket, expires_at);
