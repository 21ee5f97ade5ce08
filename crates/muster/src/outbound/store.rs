//! Rows of letters.

use super::model::{Kept, Letter, LetterKind, State};
use muster_store::{Link, Row, Rows, Stmt, StoreError, Tx, args};

const LETTER_KEY: Stmt =
    Stmt::new("outbound.letter_key", "select id from letter where operation = $1 and key = $2");
const LETTER_KEYS: Stmt =
    Stmt::new("outbound.letter_keys", "select key from letter where operation = $1 and key {in:$2}");
const LETTER_ADD: Stmt = Stmt::new(
    "outbound.letter_add",
    "insert into letter (id, operation, unit, channel, kind, key, subject, words, digest, due_at, at, lane, no,
                         state, attempts, next_at, held, message, lease, parts_sent, error, ended_at)
     values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, 'waiting', 0, $10, 0, '', '', 0, '', null)
     on conflict (operation, key) do nothing",
);
const LETTER: Stmt = Stmt::new(
    "outbound.letter",
    "select id, operation, unit, channel, kind, key, subject, words, digest, due_at, at, lane, no, state, attempts,
            next_at, error, ended_at, message, held, parts_sent from letter where id = $1",
);
const LETTERS_BEFORE: Stmt = Stmt::new(
    "outbound.letters_before",
    "select id, operation, unit, channel, kind, key, subject, words, digest, due_at, at, lane, no, state, attempts,
            next_at, error, ended_at, message, held, parts_sent from letter
     where operation = $1 and (at < $2 or (at = $2 and id < $3)) order by at desc, id desc limit $4",
);
const DUE_CHANNELS: Stmt = Stmt::new(
    "outbound.due_channels",
    "select channel from letter where next_at is not null and next_at <= $1 group by channel
     order by min(next_at), channel limit $2",
);
const DUE: Stmt = Stmt::new(
    "outbound.due",
    "select id, operation, unit, channel, kind, key, subject, words, digest, due_at, at, lane, no, state, attempts,
            next_at, error, ended_at, message, held, parts_sent from letter
     where channel = $1 and next_at is not null and next_at <= $2 order by message, due_at, id limit $3",
);
const PUT_OFF: Stmt = Stmt::new(
    "outbound.put_off",
    "update letter set next_at = $3 where channel = $1 and next_at is not null and next_at <= $2",
);
/// Through quiet hours; what asks whether a channel works is not held.
const HOLD: Stmt = Stmt::new(
    "outbound.hold",
    "update letter set next_at = $3, held = 1
     where channel = $1 and next_at is not null and next_at <= $2 and kind <> 'test'",
);
const CLAIM: Stmt = Stmt::new(
    "outbound.claim",
    "update letter set lease = $1, next_at = $2, message = $3, attempts = attempts + 1
     where id {in:$4} and next_at is not null and next_at <= $5",
);
const SENT: Stmt = Stmt::new(
    "outbound.sent",
    "update letter set state = 'sent', next_at = null, lease = '', error = '', ended_at = $3
     where message = $1 and lease = $2 and next_at is not null",
);
const FAILED: Stmt = Stmt::new(
    "outbound.failed",
    "update letter set state = 'failed', next_at = $3, lease = '', error = $4, parts_sent = $5
     where message = $1 and lease = $2 and next_at is not null",
);
const GIVEN_UP: Stmt = Stmt::new(
    "outbound.given_up",
    "update letter set state = 'given_up', next_at = null, lease = '', error = $3, ended_at = $4
     where id {in:$1} and lease = $2 and next_at is not null",
);
const TEXTS_ERASE: Stmt = Stmt::new(
    "outbound.texts_erase",
    "update letter set subject = '', words = ''
     where id in (select id from letter where words <> '' and ended_at is not null and ended_at < $1 limit $2)",
);
const COUNTS: Stmt = Stmt::new(
    "outbound.counts",
    "select (select cast(count(*) as bigint) from channel), (select cast(count(*) as bigint) from letter)",
);

/// Every statement of letters.
pub(super) const STATEMENTS: &[Stmt] = &[
    LETTER_KEY,
    LETTER_KEYS,
    LETTER_ADD,
    LETTER,
    LETTERS_BEFORE,
    DUE_CHANNELS,
    DUE,
    PUT_OFF,
    HOLD,
    CLAIM,
    SENT,
    FAILED,
    GIVEN_UP,
    TEXTS_ERASE,
    COUNTS,
];

fn link(row: &Row<'_>, at: usize) -> Result<Link, StoreError> {
    Ok(Link { lane: row.int32(at)?, no: row.int(at + 1)? })
}

fn kept(row: &Row<'_>) -> Result<Kept, StoreError> {
    let corrupt = |what: &str| StoreError::Corrupt(format!("a letter whose {what} cannot be read"));
    Ok(Kept {
        id: row.string(0)?,
        operation: row.int(1)?,
        letter: Letter {
            unit: row.int(2)?,
            channel: row.string(3)?,
            kind: LetterKind::from_word(row.text(4)?).ok_or_else(|| corrupt("kind"))?,
            key: row.string(5)?,
            subject: row.string(6)?,
            text: row.string(7)?,
            due_ms: row.int(9)?,
        },
        digest: row.string(8)?,
        at_ms: row.int(10)?,
        link: link(row, 11)?,
        state: State::from_word(row.text(13)?).ok_or_else(|| corrupt("state"))?,
        attempts: row.int(14)?,
        next_at: row.opt_int(15)?,
        error: row.string(16)?,
        ended_at: row.opt_int(17)?,
    })
}

/// A letter that is due, and what the worker noted of it.
#[derive(Clone, Debug)]
pub(super) struct Due {
    pub(super) kept: Kept,
    /// The message in which it went before; empty where it never did.
    pub(super) message: String,
    /// Whether it waited through quiet hours.
    pub(super) held: bool,
    pub(super) parts_sent: i64,
}

fn due(row: &Row<'_>) -> Result<Due, StoreError> {
    let (message, held, parts_sent) = (row.string(18)?, row.bool(19)?, row.int(20)?);
    Ok(Due { kept: kept(row)?, message, held, parts_sent })
}

/// The id of the letter of a key.
pub(super) fn letter_of_key(
    rows: &mut impl Rows,
    operation: i64,
    key: &str,
) -> Result<Option<String>, StoreError> {
    rows.opt(&LETTER_KEY, args![operation, key], |row| row.string(0))
}

/// Those of some keys of which there are letters.
///
/// # Errors
/// The store's.
pub fn letters_there(
    rows: &mut impl Rows,
    operation: i64,
    keys: &[String],
) -> Result<Vec<String>, StoreError> {
    if keys.is_empty() {
        return Ok(Vec::new());
    }
    rows.all(&LETTER_KEYS, args![operation, keys], |row| row.string(0))
}

/// Adds a letter; whether its key was free.
pub(super) fn letter_store(tx: &mut Tx<'_>, one: &Kept) -> Result<bool, StoreError> {
    let args = args![
        &one.id,
        one.operation,
        one.letter.unit,
        &one.letter.channel,
        one.letter.kind.word(),
        &one.letter.key,
        &one.letter.subject,
        &one.letter.text,
        &one.digest,
        one.letter.due_ms,
        one.at_ms,
        one.link.lane,
        one.link.no
    ];
    Ok(tx.exec(&LETTER_ADD, args)? == 1)
}

/// A letter by its id.
///
/// # Errors
/// The store's.
pub fn letter_by_id(rows: &mut impl Rows, id: &str) -> Result<Option<Kept>, StoreError> {
    rows.opt(&LETTER, args![id], kept)
}

/// Letters of an operation before an instant and id, the latest first.
///
/// # Errors
/// The store's.
pub fn letters_before(
    rows: &mut impl Rows,
    operation: i64,
    (at_ms, id): (i64, &str),
    limit: u32,
) -> Result<Vec<Kept>, StoreError> {
    rows.all(&LETTERS_BEFORE, args![operation, at_ms, id, limit], kept)
}

/// Channels to which something is due, the longest due first.
pub(super) fn channels_due(rows: &mut impl Rows, now_ms: i64, limit: u32) -> Result<Vec<String>, StoreError> {
    rows.all(&DUE_CHANNELS, args![now_ms, limit], |row| row.string(0))
}

/// What is due to a channel, what went together before side by side.
pub(super) fn letters_due(
    rows: &mut impl Rows,
    channel: &str,
    now_ms: i64,
    limit: u32,
) -> Result<Vec<Due>, StoreError> {
    rows.all(&DUE, args![channel, now_ms, limit], due)
}

pub(super) fn put_off(
    tx: &mut Tx<'_>,
    channel: &str,
    now_ms: i64,
    until_ms: i64,
    quiet: bool,
) -> Result<(), StoreError> {
    tx.exec(if quiet { &HOLD } else { &PUT_OFF }, args![channel, now_ms, until_ms]).map(drop)
}

/// Claims letters for a message; how many.
pub(super) fn claim(
    tx: &mut Tx<'_>,
    (lease, until_ms): (&str, i64),
    message: &str,
    letters: &[String],
    now_ms: i64,
) -> Result<u64, StoreError> {
    tx.exec(&CLAIM, args![lease, until_ms, message, letters, now_ms])
}

pub(super) fn sent(tx: &mut Tx<'_>, message: &str, lease: &str, now_ms: i64) -> Result<u64, StoreError> {
    tx.exec(&SENT, args![message, lease, now_ms])
}

pub(super) fn failed(
    tx: &mut Tx<'_>,
    (message, lease): (&str, &str),
    next_ms: i64,
    error: &str,
    parts_sent: i64,
) -> Result<u64, StoreError> {
    tx.exec(&FAILED, args![message, lease, next_ms, error, parts_sent])
}

pub(super) fn given_up(
    tx: &mut Tx<'_>,
    letters: &[String],
    lease: &str,
    error: &str,
    now_ms: i64,
) -> Result<u64, StoreError> {
    tx.exec(&GIVEN_UP, args![letters, lease, error, now_ms])
}

pub(super) fn texts_erase(tx: &mut Tx<'_>, before_ms: i64, limit: u32) -> Result<u64, StoreError> {
    tx.exec(&TEXTS_ERASE, args![before_ms, limit])
}

/// How many channels and letters there are.
pub(super) fn counts(rows: &mut impl Rows) -> Result<(i64, i64), StoreError> {
    rows.one(&COUNTS, args![], |row| Ok((row.int(0)?, row.int(1)?)))
}
