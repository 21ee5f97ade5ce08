-- Scans of signed and sealed pages, by the hash of their bytes as kept (`sha256:<hex>`). Never changed.
create table scan_file (
    digest text not null,
    media_type text not null,
    bytes blob not null,
    constraint scan_file_pkey primary key (digest)
) strict;
-- Which revision of which sheet a scan shows, and the entry in the journal that says so.
create table report_scan (
    bucket integer not null,
    operation integer not null,
    day integer not null,
    slot integer not null,
    unit integer not null,
    scope integer not null,
    rev integer not null,
    digest text not null,
    at integer not null,
    lane integer not null,
    no integer not null,
    constraint report_scan_pkey primary key (bucket, operation, day, slot, unit, scope, rev, digest)
) strict;
