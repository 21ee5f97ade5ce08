//! Scans of signed pages.

use super::super::model::SheetKey;
use super::super::scan::{Scan, ScanType};
use super::key_args;
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};

const FILE_ADD: Stmt = Stmt::new(
    "reporting.scan_file_add",
    "insert into scan_file (digest, media_type, bytes) values ($1, $2, $3) on conflict (digest) do nothing",
);
const SCAN_ADD: Stmt = Stmt::new(
    "reporting.scan_add",
    "insert into report_scan (bucket, operation, day, slot, unit, scope, rev, digest, at, lane, no)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const SCANS: Stmt = Stmt::new(
    "reporting.scans",
    "select s.rev, s.digest, s.at, f.media_type, cast(length(f.bytes) as bigint)
     from report_scan s join scan_file f on f.digest = s.digest
     where s.bucket = $1 and s.operation = $2 and s.day = $3 and s.slot = $4 and s.unit = $5 and s.scope = $6
     order by s.rev desc, s.at desc, s.digest limit 1000",
);
const FILE: Stmt =
    Stmt::new("reporting.scan_file", "select media_type, bytes from scan_file where digest = $1");
const OF_ENTRY: Stmt = Stmt::new(
    "reporting.scan_of_entry",
    "select bucket, operation, day, slot, unit, scope, rev, digest, at from report_scan
     where bucket = $1 and operation = $2 and day = $3 and slot = $4 and unit = $5 and scope = $6 and rev = $7
     and digest = $8 and lane = $9 and no = $10",
);
const COUNT: Stmt = Stmt::new("reporting.scan_count", "select count(*) from report_scan");
const STRAY_FILES: Stmt = Stmt::new(
    "reporting.scan_strays",
    "select count(*) from scan_file f where not exists (select 1 from report_scan s where s.digest = f.digest)",
);

pub(super) const STATEMENTS: &[Stmt] = &[FILE_ADD, SCAN_ADD, SCANS, FILE, OF_ENTRY, COUNT, STRAY_FILES];

/// A scan of a sheet, without its bytes.
#[derive(Clone, Debug)]
pub struct Scanned {
    /// The revision it shows.
    pub rev: i64,
    /// The hash of its bytes.
    pub digest: String,
    /// When it was taken in, ms UTC.
    pub at_ms: i64,
    /// What it is.
    pub media_type: String,
    /// How long it is.
    pub bytes: i64,
}

/// Keeps a scan of a revision.
pub(in crate::lines::reporting) fn scan_add(
    tx: &mut Tx<'_>,
    key: &SheetKey,
    rev: i64,
    at_ms: i64,
    scan: &Scan,
    link: Link,
) -> Result<(), StoreError> {
    let digest = scan.digest.to_string();
    tx.exec(&FILE_ADD, args![&digest, scan.media_type.name(), &scan.bytes[..]])?;
    let args = [&key_args(key)[..], args![rev, digest, at_ms, link.lane, link.no]].concat();
    tx.exec(&SCAN_ADD, &args).map(drop)
}

/// The scans of a sheet, of the latest revision first; at most a thousand.
pub(in crate::lines::reporting) fn scans(
    rows: &mut impl Rows,
    key: &SheetKey,
) -> Result<Vec<Scanned>, StoreError> {
    rows.all(&SCANS, &key_args(key), |row: &Row<'_>| {
        Ok(Scanned {
            rev: row.int(0)?,
            digest: row.string(1)?,
            at_ms: row.int(2)?,
            media_type: row.string(3)?,
            bytes: row.int(4)?,
        })
    })
}

/// What a file is (none where its row says what there is not), and its bytes.
pub(in crate::lines::reporting) type ScanFile = (Option<ScanType>, Vec<u8>);

/// The file of a digest.
pub(in crate::lines::reporting) fn scan_file(
    rows: &mut impl Rows,
    digest: &str,
) -> Result<Option<ScanFile>, StoreError> {
    rows.opt(&FILE, args![digest], |row| Ok((ScanType::from_name(row.text(0)?), row.bytes(1)?.to_vec())))
}

/// When the scan that an entry speaks of was taken in by its row; none where there is no such row.
pub(in crate::lines::reporting) fn scan_of_entry(
    rows: &mut impl Rows,
    key: &SheetKey,
    (rev, digest, link): (i64, &str, Link),
) -> Result<Option<i64>, StoreError> {
    let args = [&key_args(key)[..], args![rev, digest.to_owned(), link.lane, link.no]].concat();
    rows.opt(&OF_ENTRY, &args, |row| row.int(8))
}

/// How many scans there are, and how many files of none.
pub(in crate::lines::reporting) fn scan_counts(rows: &mut impl Rows) -> Result<(i64, i64), StoreError> {
    Ok((rows.one(&COUNT, args![], |row| row.int(0))?, rows.one(&STRAY_FILES, args![], |row| row.int(0))?))
}
