-- The end of each lane of the journal: eight, so that writers on different connections do not wait.
create table lane (
    bucket bigint not null,
    lane bigint not null,
    no bigint not null,
    head bytea not null,
    constraint lane_pkey primary key (bucket, lane)
);
-- Rows are rewritten with every commit: leave room on the page.
alter table lane set (fillfactor = 50);
insert into lane (bucket, lane, no, head) select 1, n, 0, ''::bytea from generate_series(0, 7) as n;

-- What was done. Rows are only ever added.
create table journal (
    bucket bigint not null,
    lane bigint not null,
    no bigint not null,
    at bigint not null,
    actor text not null,
    operation bigint not null,
    action text not null,
    subject text not null,
    prev_lane bigint,
    prev_no bigint,
    request text,
    body bytea not null,
    hash bytea not null,
    constraint journal_pkey primary key (bucket, lane, no)
);

-- Numbers that only get added to; one row per node and lane, packed.
create table total (
    bucket bigint not null,
    day bigint not null,
    series bigint not null,
    node bigint not null,
    lane bigint not null,
    packed bytea not null,
    constraint total_pkey primary key (bucket, day, series, node, lane)
);

-- Answers already given, so that the same request asked twice is stored once.
create table request_key (
    bucket bigint not null,
    key text collate "C" not null,
    fingerprint bytea not null,
    response bytea not null,
    expires_at bigint not null,
    constraint request_key_pkey primary key (bucket, key)
);
alter table total set (fillfactor = 80);
create index request_key_expires on request_key (bucket, expires_at);
