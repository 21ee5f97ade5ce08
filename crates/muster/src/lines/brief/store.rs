//! Every statement of the brief, with the functions that run them.

use super::model::{Chunk, Frozen, Heads, Kept, Key, Narrative};
use muster_kernel::{Day, Digest};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, args};

const FROZEN: Stmt = Stmt::new(
    "brief.frozen",
    "select operation, form, day, number, at, actor, digest, origins, heads, units, revisions from brief
     where bucket = 1 and operation = $1 and form = $2 and day = $3",
);
const FROZEN_BEFORE: Stmt = Stmt::new(
    "brief.frozen_before",
    "select operation, form, day, number, at, actor, digest, origins, heads, units, revisions from brief
     where bucket = 1 and operation = $1 and form = $2 and day < $3 order by day desc limit 1",
);
const FROZEN_LIST: Stmt = Stmt::new(
    "brief.frozen_list",
    "select operation, form, day, number, at, actor, digest, origins, heads, units, revisions from brief
     where bucket = 1 and operation = $1 and form = $2 and day < $3 order by day desc limit $4",
);
const FROZEN_COUNT: Stmt = Stmt::new("brief.frozen_count", "select count(*) from brief");
const FROZEN_ADD: Stmt = Stmt::new(
    "brief.frozen_add",
    "insert into brief (bucket, operation, form, day, number, at, actor, digest, origins, heads, units, revisions)
     values (1, $1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const NUMBER_LAST: Stmt = Stmt::new(
    "brief.number_last",
    "select max(number) from brief where bucket = 1 and operation = $1 and form = $2",
);
const DOCUMENT: Stmt = Stmt::new(
    "brief.document",
    "select body from brief_document where bucket = 1 and operation = $1 and form = $2 and day = $3 and lang = $4",
);
const DOCUMENT_ADD: Stmt = Stmt::new(
    "brief.document_add",
    "insert into brief_document (bucket, operation, form, day, lang, body) values (1, $1, $2, $3, $4, $5)",
);
const ORIGIN_CHUNK: Stmt = Stmt::new(
    "brief.origin_chunk",
    "select packed from brief_origin
     where bucket = 1 and operation = $1 and form = $2 and day = $3 and period = $4 and unit <= $5
     order by unit desc limit 1",
);
const ORIGIN_CHUNKS: Stmt = Stmt::new(
    "brief.origin_chunks",
    "select period, unit, packed from brief_origin
     where bucket = 1 and operation = $1 and form = $2 and day = $3 order by period, unit limit 10000",
);
const ORIGIN_ADD: Stmt = Stmt::new(
    "brief.origin_add",
    "insert into brief_origin (bucket, operation, form, day, period, unit, packed)
     values (1, $1, $2, $3, $4, $5, $6)",
);
const NARRATIVE: Stmt = Stmt::new(
    "brief.narrative",
    "select rev, body from brief_narrative where bucket = 1 and operation = $1 and form = $2 and day = $3",
);
const NARRATIVE_LOCK: Stmt = Stmt::new(
    "brief.narrative_lock",
    "select rev, body from brief_narrative where bucket = 1 and operation = $1 and form = $2 and day = $3 {lock}",
);
const NARRATIVE_ADD: Stmt = Stmt::new(
    "brief.narrative_add",
    "insert into brief_narrative (bucket, operation, form, day, rev, at, actor, body)
     values (1, $1, $2, $3, $4, $5, $6, $7) on conflict do nothing",
);
const NARRATIVE_SET: Stmt = Stmt::new(
    "brief.narrative_set",
    "update brief_narrative set rev = $1, at = $2, actor = $3, body = $4
     where bucket = 1 and operation = $5 and form = $6 and day = $7",
);
const FILE: Stmt = Stmt::new(
    "brief.file",
    "select bytes, digest from brief_file
     where bucket = 1 and operation = $1 and form = $2 and day = $3 and lang = $4 and format = $5",
);
const FILE_ADD: Stmt = Stmt::new(
    "brief.file_add",
    "insert into brief_file (bucket, operation, form, day, lang, format, at, digest, bytes)
     values (1, $1, $2, $3, $4, $5, $6, $7, $8) on conflict do nothing",
);
const FILE_AT: Stmt = Stmt::new(
    "brief.file_at",
    "select at from brief_file
     where bucket = 1 and operation = $1 and form = $2 and day = $3 and lang = $4 and format = $5",
);
const FILES_COUNT: Stmt = Stmt::new("brief.files_count", "select count(*) from brief_file");
const NARRATIVES_RAW: Stmt = Stmt::new(
    "brief.narratives_raw",
    "select operation, form, day, rev, at, actor, body, bucket from brief_narrative
     where (operation, form, day) > ($1, $2, $3) order by operation, form, day, bucket limit $4",
);
const STRAYS: Stmt = Stmt::new(
    "brief.strays",
    "select 'brief', count(*) from brief where bucket <> 1
     union all
     select 'brief_document', count(*) from brief_document d
     where d.bucket <> 1 or not (d.lang {in:$1}) or not exists
         (select 1 from brief b where b.bucket = 1 and b.operation = d.operation and b.form = d.form and b.day = d.day)
     union all
     select 'brief_origin', count(*) from brief_origin o
     where o.bucket <> 1 or not exists
         (select 1 from brief b where b.bucket = 1 and b.operation = o.operation and b.form = o.form and b.day = o.day)",
);

/// All statements of this line.
pub const STATEMENTS: &[Stmt] = &[
    FROZEN,
    FROZEN_BEFORE,
    FROZEN_LIST,
    FROZEN_COUNT,
    FROZEN_ADD,
    NUMBER_LAST,
    DOCUMENT,
    DOCUMENT_ADD,
    ORIGIN_CHUNK,
    ORIGIN_CHUNKS,
    ORIGIN_ADD,
    NARRATIVE,
    NARRATIVE_LOCK,
    NARRATIVE_ADD,
    NARRATIVE_SET,
    FILE,
    FILE_ADD,
    FILE_AT,
    FILES_COUNT,
    NARRATIVES_RAW,
    STRAYS,
];

fn corrupt(what: &str) -> StoreError {
    StoreError::Corrupt(what.to_owned())
}

fn frozen_of(row: &Row<'_>) -> Result<Frozen, StoreError> {
    let digest = |column| row.text(column)?.parse::<Digest>().map_err(|_| corrupt("the digest of a brief"));
    Ok(Frozen {
        key: Key { operation: row.int(0)?, form: row.int(1)?, day: Day::from_number(row.int32(2)?) },
        number: row.int(3)?,
        at_ms: row.int(4)?,
        actor: row.string(5)?,
        digest: digest(6)?,
        origins: digest(7)?,
        heads: serde_json::from_str(row.text(8)?).map_err(|_| corrupt("the heads of a brief"))?,
        units: row.int(9)?,
        revisions: row.int(10)?,
    })
}

/// What is kept of a frozen brief; none while the day is open.
pub(super) fn frozen(rows: &mut impl Rows, key: &Key) -> Result<Option<Frozen>, StoreError> {
    rows.opt(&FROZEN, args![key.operation, key.form, key.day.number()], frozen_of)
}

/// The last frozen brief of an earlier day.
pub(super) fn frozen_before(rows: &mut impl Rows, key: &Key) -> Result<Option<Frozen>, StoreError> {
    rows.opt(&FROZEN_BEFORE, args![key.operation, key.form, key.day.number()], frozen_of)
}

/// Frozen briefs of days before one, the newest first.
pub(super) fn frozen_list(rows: &mut impl Rows, before: &Key, limit: u32) -> Result<Vec<Frozen>, StoreError> {
    rows.all(&FROZEN_LIST, args![before.operation, before.form, before.day.number(), limit], frozen_of)
}

/// How many days are frozen.
pub(super) fn frozen_count(rows: &mut impl Rows) -> Result<i64, StoreError> {
    rows.one(&FROZEN_COUNT, args![], |row| row.int(0))
}

pub(super) fn frozen_add(tx: &mut Tx<'_>, frozen: &Frozen) -> Result<(), StoreError> {
    let Frozen { key, number, at_ms, actor, digest, origins, heads, units, revisions } = frozen;
    let heads = heads_text(heads);
    let (day, digest, origins) = (key.day.number(), digest.to_string(), origins.to_string());
    let args = args![
        key.operation,
        key.form,
        day,
        *number,
        *at_ms,
        actor,
        digest,
        origins,
        heads,
        *units,
        *revisions
    ];
    tx.exec(&FROZEN_ADD, args).map(drop)
}

/// The heads as they are stored and hashed.
pub(super) fn heads_text(heads: &Heads) -> String {
    serde_json::to_string(heads).expect("heads are plain data")
}

/// The number of the last frozen brief of a form; 0 when there is none.
pub(super) fn number_last(rows: &mut impl Rows, key: &Key) -> Result<i64, StoreError> {
    Ok(rows.one(&NUMBER_LAST, args![key.operation, key.form], |row| row.opt_int(0))?.unwrap_or(0))
}

/// The document of a frozen brief in a language, byte for byte.
pub(super) fn document(rows: &mut impl Rows, key: &Key, lang: &str) -> Result<Option<String>, StoreError> {
    rows.opt(&DOCUMENT, args![key.operation, key.form, key.day.number(), lang], |row| row.string(0))
}

pub(super) fn document_add(tx: &mut Tx<'_>, key: &Key, lang: &str, body: &str) -> Result<(), StoreError> {
    tx.exec(&DOCUMENT_ADD, args![key.operation, key.form, key.day.number(), lang, body]).map(drop)
}

/// The chunk of a period in which a unit's origins are, if it has any.
pub(super) fn origin_chunk(
    rows: &mut impl Rows,
    key: &Key,
    period: Day,
    unit: i64,
) -> Result<Option<Vec<u8>>, StoreError> {
    let args = args![key.operation, key.form, key.day.number(), period.number(), unit];
    rows.opt(&ORIGIN_CHUNK, args, |row| Ok(row.bytes(0)?.to_vec()))
}

/// All chunks of a frozen brief, in the order in which they were hashed.
pub(super) fn origin_chunks(rows: &mut impl Rows, key: &Key) -> Result<Vec<Chunk>, StoreError> {
    rows.all(&ORIGIN_CHUNKS, args![key.operation, key.form, key.day.number()], |row| {
        Ok(Chunk {
            period: Day::from_number(row.int32(0)?),
            unit: row.int(1)?,
            packed: row.bytes(2)?.to_vec(),
        })
    })
}

pub(super) fn origins_add(tx: &mut Tx<'_>, key: &Key, chunks: &[Chunk]) -> Result<(), StoreError> {
    for Chunk { period, unit, packed } in chunks {
        let args = args![key.operation, key.form, key.day.number(), period.number(), *unit, packed];
        tx.exec(&ORIGIN_ADD, args)?;
    }
    Ok(())
}

fn narrative_of(row: &Row<'_>) -> Result<(i64, Narrative), StoreError> {
    let narrative = serde_json::from_str(row.text(1)?).map_err(|_| corrupt("the narrative of a brief"))?;
    Ok((row.int(0)?, narrative))
}

/// What the office wrote for a day, and at which revision.
pub(super) fn narrative(rows: &mut impl Rows, key: &Key) -> Result<Option<(i64, Narrative)>, StoreError> {
    rows.opt(&NARRATIVE, args![key.operation, key.form, key.day.number()], narrative_of)
}

/// The same, locked.
pub(super) fn narrative_lock(tx: &mut Tx<'_>, key: &Key) -> Result<Option<(i64, Narrative)>, StoreError> {
    tx.opt(&NARRATIVE_LOCK, args![key.operation, key.form, key.day.number()], narrative_of)
}

/// Writes what was locked before, or the first; one that another transaction wrote first makes the closure run again.
pub(super) fn narrative_set(
    tx: &mut Tx<'_>,
    key: &Key,
    rev: i64,
    at_ms: i64,
    actor: &str,
    body: &str,
) -> Result<(), StoreError> {
    let day = key.day.number();
    let written = match rev {
        1 => tx.exec(&NARRATIVE_ADD, args![key.operation, key.form, day, rev, at_ms, actor, body])?,
        _ => tx.exec(&NARRATIVE_SET, args![rev, at_ms, actor, body, key.operation, key.form, day])?,
    };
    if written == 1 { Ok(()) } else { Err(tx.again()) }
}

/// A printed file of a frozen brief.
pub(super) fn file(
    rows: &mut impl Rows,
    key: &Key,
    lang: &str,
    format: &str,
) -> Result<Option<Kept>, StoreError> {
    rows.opt(&FILE, args![key.operation, key.form, key.day.number(), lang, format], |row| {
        let digest = row.text(1)?.parse().map_err(|_| corrupt("the digest of a file"))?;
        Ok(Kept { bytes: row.bytes(0)?.to_vec(), digest })
    })
}

/// Keeps a printed file; `false` when one was kept before.
pub(super) fn file_add(
    tx: &mut Tx<'_>,
    key: &Key,
    (lang, format): (&str, &str),
    at_ms: i64,
    file: &Kept,
) -> Result<bool, StoreError> {
    let digest = file.digest.to_string();
    let args = args![key.operation, key.form, key.day.number(), lang, format, at_ms, digest, &file.bytes];
    Ok(tx.exec(&FILE_ADD, args)? == 1)
}

/// When a file was printed, ms UTC.
pub(super) fn file_at(
    rows: &mut impl Rows,
    key: &Key,
    lang: &str,
    format: &str,
) -> Result<Option<i64>, StoreError> {
    rows.opt(&FILE_AT, args![key.operation, key.form, key.day.number(), lang, format], |row| row.int(0))
}

/// How many printed files there are.
pub(super) fn files_count(rows: &mut impl Rows) -> Result<u64, StoreError> {
    Ok(rows.one(&FILES_COUNT, args![], |row| row.int(0))?.unsigned_abs())
}

/// What the office wrote for a day, nothing of it read.
pub(super) struct RawNarrative {
    pub(super) key: Key,
    pub(super) rev: i64,
    pub(super) at_ms: i64,
    pub(super) actor: String,
    pub(super) body: String,
    /// Whether it stands where it is read.
    pub(super) is_home: bool,
}

/// Narratives of days after one, in the order of their keys.
pub(super) fn narratives_raw(
    rows: &mut impl Rows,
    after: Option<&Key>,
    limit: i64,
) -> Result<Vec<RawNarrative>, StoreError> {
    let (operation, form, on) = after
        .map_or((i64::MIN, i64::MIN, i64::MIN), |key| (key.operation, key.form, key.day.number().into()));
    rows.all(&NARRATIVES_RAW, args![operation, form, on, limit], |row| {
        Ok(RawNarrative {
            key: Key { operation: row.int(0)?, form: row.int(1)?, day: Day::from_number(row.int32(2)?) },
            rev: row.int(3)?,
            at_ms: row.int(4)?,
            actor: row.string(5)?,
            body: row.string(6)?,
            is_home: row.int(7)? == 1,
        })
    })
}

/// Documents and origins of briefs that there are not, and what nobody reads: how many, by table.
pub(super) fn strays(rows: &mut impl Rows, langs: &[String]) -> Result<Vec<(String, u64)>, StoreError> {
    let found = rows.all(&STRAYS, args![langs], |row| Ok((row.string(0)?, row.int(1)?.unsigned_abs())))?;
    Ok(found.into_iter().filter(|(_, count)| *count > 0).collect())
}
