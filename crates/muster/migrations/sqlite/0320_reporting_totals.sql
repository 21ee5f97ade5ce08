-- Nodes whose totals and expected counts are kept as rows: those with many units below. All others are added up from
-- their sheets in one range read.
create table crown (
    node integer not null,
    constraint crown_pkey primary key (node)
) strict;
-- How many units below a node are expected to report, by days. It follows the tree and the assignments, never the
-- reports.
create table expected (
    bucket integer not null,
    series integer not null,
    node integer not null,
    since integer not null,
    until integer not null,
    n integer not null,
    constraint expected_pkey primary key (bucket, series, node, since)
) strict, without rowid;
