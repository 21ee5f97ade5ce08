-- Nodes whose totals and expected counts are kept as rows: those with many units below. All others are added up from
-- their sheets in one range read.
create table crown (
    node bigint not null,
    constraint crown_pkey primary key (node)
);
-- How many units below a node are expected to report, by days. It follows the tree and the assignments, never the
-- reports.
create table expected (
    bucket bigint not null,
    series bigint not null,
    node bigint not null,
    since bigint not null,
    until bigint not null,
    n bigint not null,
    constraint expected_pkey primary key (bucket, series, node, since)
);
