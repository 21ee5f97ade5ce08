//! Rows of notices as they lie there, nothing of them read: for who looks for faults.

use super::super::model::Conjecture;
use super::{CONJECTURES, HOME, json, word};
use muster_store::{Rows, Stmt, StoreError, args};

pub(super) const COUNT: Stmt = Stmt::new("notice.count", "select count(*) from notice");
pub(super) const RAW: Stmt = Stmt::new(
    "notice.raw",
    "select digest, received_at, kind, title, title_spans, published_at, meeting_day, measures, study
     from notice where bucket = $1 and operation = $2 and id = $3",
);
pub(super) const FILE_RAW: Stmt =
    Stmt::new("notice.file_raw", "select media_type, bytes from notice_file where digest = $1");
pub(super) const RULINGS: Stmt = Stmt::new(
    "notice.rulings",
    "select operation, notice, n, state, decided_by, decided_at from notice_conjecture
     where bucket = $1 and (state <> 'open' or decided_by is not null or decided_at is not null)",
);
pub(super) const STRAYS: Stmt = Stmt::new(
    "notice.strays",
    "select 'notice', count(*) from notice where bucket <> $1
     union all
     select 'notice_file', count(*) from notice_file f where not exists (select 1 from notice n where n.digest = f.digest)
     union all
     select 'notice_conjecture', count(*) from notice_conjecture c
     where c.bucket <> $1 or not exists
         (select 1 from notice n where n.bucket = c.bucket and n.operation = c.operation and n.id = c.notice)",
);

/// A notice's row, nothing of it read: whoever looks for faults takes any text.
pub(in crate::lines::command::notice) struct Raw {
    pub digest: String,
    pub received_at: i64,
    pub kind: String,
    pub title: Option<String>,
    pub title_spans: String,
    pub published_at: Option<String>,
    pub meeting_day: Option<i64>,
    pub measures: i64,
    pub study: String,
}

/// A conjecture's row, as [`Raw`].
pub(in crate::lines::command::notice) struct RawConjecture {
    pub n: i64,
    pub start: i64,
    pub end: i64,
    pub original: String,
    pub proposed: String,
    pub phrase: String,
    pub reason: String,
    pub state: String,
}

impl RawConjecture {
    /// As it is stored.
    pub(in crate::lines::command::notice) fn of(one: &Conjecture) -> Result<Self, StoreError> {
        Ok(Self {
            n: one.n.into(),
            start: one.place.start as i64,
            end: one.place.end as i64,
            original: one.original.clone(),
            proposed: one.proposed.clone(),
            phrase: one.phrase.clone(),
            reason: json(&one.reason)?,
            state: word(one.state)?,
        })
    }
}

/// What a conjecture's row says of its decision.
pub(in crate::lines::command::notice) struct Ruling {
    pub operation: i64,
    pub notice: String,
    pub n: i64,
    pub state: String,
    pub by: Option<String>,
    pub at: Option<i64>,
}

/// How many notices there are.
pub(in crate::lines::command::notice) fn count(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&COUNT, args![], |row| row.int(0))
}

pub(in crate::lines::command::notice) fn raw(
    rows: &mut impl Rows,
    operation: i64,
    id: &str,
) -> Result<Option<Raw>, StoreError> {
    rows.opt(&RAW, args![HOME, operation, id], |row| {
        Ok(Raw {
            digest: row.string(0)?,
            received_at: row.int(1)?,
            kind: row.string(2)?,
            title: row.opt_text(3)?.map(str::to_owned),
            title_spans: row.string(4)?,
            published_at: row.opt_text(5)?.map(str::to_owned),
            meeting_day: row.opt_int(6)?,
            measures: row.int(7)?,
            study: row.string(8)?,
        })
    })
}

/// Media type and bytes of the file that is kept under a hash.
pub(in crate::lines::command::notice) fn file_raw(
    rows: &mut impl Rows,
    digest: &str,
) -> Result<Option<(String, Vec<u8>)>, StoreError> {
    rows.opt(&FILE_RAW, args![digest], |row| Ok((row.string(0)?, row.bytes(1)?.to_vec())))
}

pub(in crate::lines::command::notice) fn conjectures_raw(
    rows: &mut impl Rows,
    operation: i64,
    id: &str,
) -> Result<Vec<RawConjecture>, StoreError> {
    rows.all(&CONJECTURES, args![HOME, operation, id], |row| {
        Ok(RawConjecture {
            n: row.int(0)?,
            start: row.int(1)?,
            end: row.int(2)?,
            original: row.string(3)?,
            proposed: row.string(4)?,
            phrase: row.string(5)?,
            reason: row.string(6)?,
            state: row.string(7)?,
        })
    })
}

/// All conjectures that bear a decision.
pub(in crate::lines::command::notice) fn rulings(rows: &mut impl Rows) -> Result<Vec<Ruling>, StoreError> {
    rows.all(&RULINGS, args![HOME], |row| {
        Ok(Ruling {
            operation: row.int(0)?,
            notice: row.string(1)?,
            n: row.int(2)?,
            state: row.string(3)?,
            by: row.opt_text(4)?.map(str::to_owned),
            at: row.opt_int(5)?,
        })
    })
}

/// Files and conjectures of notices that there are not, and notices that nobody reads: how many, by table.
pub(in crate::lines::command::notice) fn strays(
    rows: &mut impl Rows,
) -> Result<Vec<(String, u64)>, StoreError> {
    let found = rows.all(&STRAYS, args![HOME], |row| Ok((row.string(0)?, row.int(1)?.unsigned_abs())))?;
    Ok(found.into_iter().filter(|(_, count)| *count > 0).collect())
}
