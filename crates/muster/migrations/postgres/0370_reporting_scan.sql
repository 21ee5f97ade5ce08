-- Scans of signed and sealed pages, by the hash of their bytes as kept (`sha256:<hex>`). Never changed.
create table scan_file (
    digest text not null,
    media_type text not null,
    bytes bytea not null,
    constraint scan_file_pkey primary key (digest)
);
-- Which revision of which sheet a scan shows, and the entry in the journal that says so.
create table report_scan (
    bucket bigint not null,
    operation bigint not null,
    day bigint not null,
    slot bigint not null,
    unit bigint not null,
    scope bigint not null,
    rev bigint not null,
    digest text not null,
    at bigint not null,
    lane bigint not null,
    no bigint not null,
    constraint report_scan_pkey primary key (bucket, operation, day, slot, unit, scope, rev, digest)
);
