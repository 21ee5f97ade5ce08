//! Every statement of notices; those of who looks for faults in a room of their own: `raw`.

mod raw;

pub(super) use raw::*;

use super::check::Checked;
use super::extract::MediaType;
use super::model::{Conjecture, ConjectureState, Kind, Place, Reason, Span, Study};
use muster_kernel::{Day, Problem};
use muster_store::{Row, Rows, Stmt, StoreError, Tx, Val, args};
use serde::Serialize;
use serde::de::DeserializeOwned;

/// The bucket of what belongs to the office itself and to no unit.
const HOME: i64 = 1;

const FILE_ADD: Stmt = Stmt::new(
    "notice.file_add",
    "insert into notice_file (digest, media_type, bytes) values ($1, $2, $3) on conflict (digest) do nothing",
);
const FILE_READ: Stmt = Stmt::new(
    "notice.file_read",
    "select f.media_type, f.bytes from notice n join notice_file f on f.digest = n.digest
     where n.bucket = $1 and n.operation = $2 and n.id = $3",
);
const ADD: Stmt = Stmt::new(
    "notice.add",
    "insert into notice (bucket, operation, id, digest, received_at, kind, title, title_spans, published_at,
         meeting_day, measures, study)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)
     on conflict (bucket, operation, digest) do nothing",
);
const BY_DIGEST: Stmt = Stmt::new(
    "notice.by_digest",
    "select id from notice where bucket = $1 and operation = $2 and digest = $3",
);
const READ: Stmt = Stmt::new(
    "notice.read",
    "select n.id, n.digest, f.media_type, n.received_at, n.study
     from notice n join notice_file f on f.digest = n.digest
     where n.bucket = $1 and n.operation = $2 and n.id = $3",
);
const LIST: Stmt = Stmt::new(
    "notice.list",
    "select n.id, n.digest, f.media_type, n.received_at, n.kind, n.title, n.published_at, n.meeting_day, n.measures,
         (select count(*) from notice_conjecture c where c.bucket = n.bucket and c.operation = n.operation
             and c.notice = n.id),
         (select count(*) from notice_conjecture c where c.bucket = n.bucket and c.operation = n.operation
             and c.notice = n.id and c.state = 'open')
     from notice n join notice_file f on f.digest = n.digest
     where n.bucket = $1 and n.operation = $2 and n.id < $3
     order by n.id desc limit $4",
);
const TITLE_SPANS: Stmt = Stmt::new(
    "notice.title_spans",
    "select title_spans from notice where bucket = $1 and operation = $2 and id = $3",
);
const TITLE_SET: Stmt = Stmt::new(
    "notice.title_set",
    "update notice set title = $1 where bucket = $2 and operation = $3 and id = $4",
);
const CONJECTURE_ADD: Stmt = Stmt::new(
    "notice.conjecture_add",
    "insert into notice_conjecture (bucket, operation, notice, n, place_start, place_end, original, proposed, phrase,
         reason, state)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)",
);
const CONJECTURES: Stmt = Stmt::new(
    "notice.conjectures",
    "select n, place_start, place_end, original, proposed, phrase, reason, state, decided_by, decided_at
     from notice_conjecture where bucket = $1 and operation = $2 and notice = $3 order by n",
);
const NOTICE_LOCK: Stmt =
    Stmt::new("notice.lock", "select 1 from notice where bucket = $1 and operation = $2 and id = $3 {lock}");
const CONJECTURE_STATE: Stmt = Stmt::new(
    "notice.conjecture_state",
    "select state from notice_conjecture
     where bucket = $1 and operation = $2 and notice = $3 and n = $4 {lock}",
);
const CONJECTURE_DECIDE: Stmt = Stmt::new(
    "notice.conjecture_decide",
    "update notice_conjecture set state = $1, decided_by = $2, decided_at = $3
     where bucket = $4 and operation = $5 and notice = $6 and n = $7",
);

/// All statements of notices.
pub const STATEMENTS: &[Stmt] = &[
    FILE_ADD,
    FILE_READ,
    ADD,
    BY_DIGEST,
    READ,
    LIST,
    TITLE_SPANS,
    TITLE_SET,
    CONJECTURE_ADD,
    CONJECTURES,
    NOTICE_LOCK,
    CONJECTURE_STATE,
    CONJECTURE_DECIDE,
    raw::COUNT,
    raw::RAW,
    raw::FILE_RAW,
    raw::RULINGS,
    raw::STRAYS,
];

/// A conjecture, and who decided it when.
#[derive(Clone, Debug, PartialEq)]
pub struct Decided {
    /// The conjecture with its state.
    pub conjecture: Conjecture,
    /// Who decided; a reference, never a name.
    pub by: Option<String>,
    /// When, ms UTC.
    pub at: Option<i64>,
}

/// A notice as kept. Its study is still text: it is opened outside the transaction, which others wait for.
#[derive(Clone, Debug, PartialEq)]
pub struct Kept {
    id: String,
    digest: String,
    media_type: MediaType,
    received_at: i64,
    study: String,
    conjectures: Vec<Decided>,
}

impl Kept {
    /// Opens the study.
    ///
    /// # Errors
    /// `internal`, where what was kept cannot be read.
    pub fn opened(self) -> Result<Notice, Problem> {
        let Kept { id, digest, media_type, received_at, study, conjectures } = self;
        let study = serde_json::from_str(&study).map_err(Problem::internal)?;
        Ok(Notice { id, digest, media_type, received_at, study, conjectures })
    }
}

/// A notice.
#[derive(Clone, Debug, PartialEq)]
pub struct Notice {
    /// Opaque id.
    pub id: String,
    /// Hash of the file as received.
    pub digest: String,
    /// What the file is.
    pub media_type: MediaType,
    /// When it came in, ms UTC.
    pub received_at: i64,
    /// What was made out of it; its conjectures stand beside it.
    pub study: Study,
    /// The conjectures and what was decided.
    pub conjectures: Vec<Decided>,
}

/// A notice in a list.
#[derive(Clone, Debug, PartialEq)]
pub struct Listed {
    /// Opaque id.
    pub id: String,
    /// Hash of the file as received.
    pub digest: String,
    /// What the file is.
    pub media_type: MediaType,
    /// When it came in, ms UTC.
    pub received_at: i64,
    /// Its sort.
    pub kind: Kind,
    /// Its readable title.
    pub title: Option<String>,
    /// When it was published, a wall clock without a zone.
    pub published_at: Option<String>,
    /// The day of the meeting it tells of.
    pub meeting_day: Option<Day>,
    /// How many measures it orders.
    pub measures: u32,
    /// How many conjectures there are.
    pub conjectures: u32,
    /// How many of them nobody has decided.
    pub open: u32,
}

pub(super) fn file_add(
    tx: &mut Tx,
    digest: &str,
    media_type: MediaType,
    bytes: &[u8],
) -> Result<(), StoreError> {
    tx.exec(&FILE_ADD, args![digest, media_type.name(), bytes])?;
    Ok(())
}

/// The file of a notice as received.
pub(super) fn file_read(
    rows: &mut impl Rows,
    operation: i64,
    id: &str,
) -> Result<Option<(MediaType, Vec<u8>)>, StoreError> {
    rows.opt(&FILE_READ, args![HOME, operation, id], |row| Ok((media_type(row, 0)?, row.bytes(1)?.to_vec())))
}

/// Adds a notice without its conjectures; whether it was added, since the same file may have come before.
pub(super) fn add(
    tx: &mut Tx,
    operation: i64,
    id: &str,
    checked: &Checked,
    title: Option<&str>,
) -> Result<bool, StoreError> {
    let Checked { digest, study, study_json, title_json, .. } = checked;
    let (digest, kind, at) = (digest.to_string(), word(study.kind)?, tx.at());
    let published_at = study.published_at.as_deref();
    let meeting_day = study.meeting.as_ref().and_then(|meeting| meeting.day).map(Day::number);
    let measures = study.measures.len() as i64;
    let added = tx.exec(
        &ADD,
        args![
            HOME,
            operation,
            id,
            digest,
            at,
            kind,
            title,
            title_json,
            published_at,
            meeting_day,
            measures,
            study_json
        ],
    )?;
    Ok(added > 0)
}

pub(super) fn by_digest(
    rows: &mut impl Rows,
    operation: i64,
    digest: &str,
) -> Result<Option<String>, StoreError> {
    rows.opt(&BY_DIGEST, args![HOME, operation, digest], |row| row.string(0))
}

pub(super) fn read(rows: &mut impl Rows, operation: i64, id: &str) -> Result<Option<Kept>, StoreError> {
    let kept = rows.opt(&READ, args![HOME, operation, id], |row| {
        Ok(Kept {
            id: row.string(0)?,
            digest: row.string(1)?,
            media_type: media_type(row, 2)?,
            received_at: row.int(3)?,
            study: row.string(4)?,
            conjectures: Vec::new(),
        })
    })?;
    let Some(mut kept) = kept else { return Ok(None) };
    kept.conjectures = conjectures(rows, operation, id)?;
    Ok(Some(kept))
}

/// The conjectures of a notice in the order of the text.
pub(super) fn conjectures(
    rows: &mut impl Rows,
    operation: i64,
    id: &str,
) -> Result<Vec<Decided>, StoreError> {
    rows.all(&CONJECTURES, args![HOME, operation, id], decided)
}

/// The spans of the title.
pub(super) fn title_spans(rows: &mut impl Rows, operation: i64, id: &str) -> Result<Vec<Span>, StoreError> {
    rows.one(&TITLE_SPANS, args![HOME, operation, id], |row| parsed(row.text(0)?))
}

fn decided(row: &Row) -> Result<Decided, StoreError> {
    let place = Place { start: size(row.int(1)?)?, end: size(row.int(2)?)? };
    let conjecture = Conjecture {
        n: size(row.int(0)?)?,
        place,
        original: row.string(3)?,
        proposed: row.string(4)?,
        phrase: row.string(5)?,
        reason: parsed::<Reason>(row.text(6)?)?,
        state: of_word(row.text(7)?)?,
    };
    Ok(Decided { conjecture, by: row.opt_text(8)?.map(str::to_owned), at: row.opt_int(9)? })
}

/// Notices after (in time: before) an id, the newest first.
pub(super) fn list(
    rows: &mut impl Rows,
    operation: i64,
    before: &str,
    limit: u32,
) -> Result<Vec<Listed>, StoreError> {
    rows.all(&LIST, args![HOME, operation, before, limit], |row| {
        Ok(Listed {
            id: row.string(0)?,
            digest: row.string(1)?,
            media_type: media_type(row, 2)?,
            received_at: row.int(3)?,
            kind: of_word(row.text(4)?)?,
            title: row.opt_text(5)?.map(str::to_owned),
            published_at: row.opt_text(6)?.map(str::to_owned),
            meeting_day: row.opt_int(7)?.map(size).transpose()?.map(Day::from_number),
            measures: size(row.int(8)?)?,
            conjectures: size(row.int(9)?)?,
            open: size(row.int(10)?)?,
        })
    })
}

pub(super) fn title_set(tx: &mut Tx, operation: i64, id: &str, title: &str) -> Result<(), StoreError> {
    tx.exec(&TITLE_SET, args![title, HOME, operation, id])?;
    Ok(())
}

pub(super) fn conjectures_add(
    tx: &mut Tx,
    operation: i64,
    id: &str,
    conjectures: &[Conjecture],
) -> Result<(), StoreError> {
    let row = |one: &Conjecture| -> Result<Vec<Val<'_>>, StoreError> {
        let (start, end) = (one.place.start as i64, one.place.end as i64);
        let (reason, state) = (json(&one.reason)?, word(one.state)?);
        let Conjecture { n, original, proposed, phrase, .. } = one.clone();
        Ok(args![HOME, operation, id.to_owned(), n, start, end, original, proposed, phrase, reason, state]
            .to_vec())
    };
    let rows: Vec<_> = conjectures.iter().map(row).collect::<Result<_, _>>()?;
    tx.exec_rows(&CONJECTURE_ADD, &rows)?;
    Ok(())
}

/// Waits for whoever is changing a notice, and holds back the next; none where there is no such notice.
pub(super) fn notice_lock(tx: &mut Tx, operation: i64, id: &str) -> Result<Option<()>, StoreError> {
    tx.opt(&NOTICE_LOCK, args![HOME, operation, id], |_| Ok(()))
}

/// The state of a conjecture, held until the end of the transaction.
pub(super) fn conjecture_state(
    tx: &mut Tx,
    operation: i64,
    id: &str,
    n: u32,
) -> Result<Option<ConjectureState>, StoreError> {
    tx.opt(&CONJECTURE_STATE, args![HOME, operation, id, n], |row| of_word(row.text(0)?))
}

pub(super) fn conjecture_decide(
    tx: &mut Tx,
    operation: i64,
    id: &str,
    n: u32,
    state: ConjectureState,
    by: &str,
) -> Result<(), StoreError> {
    let (state, at) = (word(state)?, tx.at());
    tx.exec(&CONJECTURE_DECIDE, args![state, by, at, HOME, operation, id, n])?;
    Ok(())
}

fn media_type(row: &Row, column: usize) -> Result<MediaType, StoreError> {
    let name = row.text(column)?;
    MediaType::from_name(name).ok_or_else(|| spoilt(format!("media type {name}")))
}

/// The stored word of an enum is its word on the wire.
fn word(value: impl Serialize) -> Result<String, StoreError> {
    match serde_json::to_value(value) {
        Ok(serde_json::Value::String(word)) => Ok(word),
        other => Err(spoilt(format!("{other:?}"))),
    }
}

fn of_word<T: DeserializeOwned>(word: &str) -> Result<T, StoreError> {
    serde_json::from_value(serde_json::Value::String(word.to_owned())).map_err(spoilt)
}

fn json(value: &impl Serialize) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(spoilt)
}

fn parsed<T: DeserializeOwned>(text: &str) -> Result<T, StoreError> {
    serde_json::from_str(text).map_err(spoilt)
}

fn size<T: TryFrom<i64>>(number: i64) -> Result<T, StoreError> {
    T::try_from(number).map_err(|_| spoilt("a number out of its range"))
}

fn spoilt(what: impl ToString) -> StoreError {
    StoreError::Sql(format!("notice: {}", what.to_string()))
}
