//! The journal: what was done, by whom, when; append-only, in the transaction of the deed.
//!
//! Entries stand in lanes so that writers on different connections do not wait for one another. In
//! a lane `no` is dense (1, 2, 3, ..) and each hash covers the one before it, so a changed byte, a
//! missing row and a changed order show ([`verify`](crate::verify)). Personal data never stands in
//! an entry except as a reference or sealed: a hash is for ever.

use sha2::{Digest as _, Sha256};

use crate::{
    Ask, Result, Row, Rows, Stmt, StoreError, Tx, Val, args, row,
    tx::{Tail, Write},
};

/// Lanes on PostgreSQL; SQLite uses the first.
pub const LANES: i32 = 8;
/// The longest body of an entry in bytes.
pub const BODY_BYTES_MAX: usize = 1 << 20;
/// Names how hashes of the journal are made: SHA-256 over the layout of [`chain`].
const SHA256_V1: u8 = 1;

/// What is to be journalled.
#[derive(Clone, Debug)]
pub struct Entry<'a> {
    /// The operation it belongs to; 0 for the installation as a whole.
    pub operation: i64,
    /// Who did it: a reference such as `account:7`, never a name.
    pub actor: &'a str,
    /// The word for what was done, as in `report.file`.
    pub action: &'static str,
    /// What it was done to, as in `sheet:1:20200203`.
    pub subject: &'a str,
    /// The previous entry about the same subject; makes its history a linked list.
    pub prev: Option<Link>,
    /// The request id, by which an unanswered commit is settled.
    pub request: Option<&'a str>,
    /// What changed, in the action's own form; at most [`BODY_BYTES_MAX`].
    pub body: Vec<u8>,
}

/// Where an entry stands.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Link {
    /// The lane.
    pub lane: i32,
    /// The number in the lane, from 1.
    pub no: i64,
}

/// An entry as stored.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Stored {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// Lane and number.
    pub link: Link,
    /// When, in ms UTC.
    pub at: i64,
    /// See [`Entry::actor`].
    pub actor: String,
    /// See [`Entry::operation`].
    pub operation: i64,
    /// See [`Entry::action`].
    pub action: String,
    /// See [`Entry::subject`].
    pub subject: String,
    /// See [`Entry::prev`].
    pub prev: Option<Link>,
    /// See [`Entry::request`].
    pub request: Option<String>,
    /// See [`Entry::body`].
    pub body: Vec<u8>,
    /// Algorithm id and hash over this entry and the hash before it.
    pub hash: Vec<u8>,
}

/// The end of a lane.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Head {
    /// The bucket; 1 on one machine.
    pub bucket: i32,
    /// The lane.
    pub lane: i32,
    /// Number of the last entry; 0 when there is none.
    pub no: i64,
    /// Its hash with algorithm id; empty when there is none.
    pub hash: Vec<u8>,
    /// Counts the writes through the lane: unchanged, its rows are as whoever holds it left them.
    pub(crate) turn: i64,
    /// Differs from the row in `lane`.
    pub(crate) moved: bool,
}

const LANE_LOCK: Stmt = Stmt::new(
    "store.lane_lock",
    "select bucket, lane, no, head, turn from lane where bucket = $1 and lane = $2 {lock}",
);
const LANES_LOCK: Stmt = Stmt::new(
    "store.lanes_lock",
    "select bucket, lane, no, head, turn from lane order by bucket, lane {lock}",
);
const LANES_READ: Stmt =
    Stmt::new("store.lanes_read", "select bucket, lane, no, head, turn from lane order by bucket, lane");
const LANE_MOVE: Stmt = Stmt::new(
    "store.lane_move",
    "update lane set no = $1, head = $2, turn = $3 where bucket = $4 and lane = $5",
);
const ENTRY_INSERT: Stmt = Stmt::new(
    "store.entry_insert",
    "insert into journal (bucket, lane, no, at, actor, operation, action, subject, prev_lane, prev_no, \
     request, body, hash) values ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13)",
);
const ENTRY_READ: Stmt = Stmt::new(
    "store.entry_read",
    "select bucket, lane, no, at, actor, operation, action, subject, prev_lane, prev_no, request, body, \
     hash from journal where bucket = $1 and lane = $2 and no = $3",
);
const ENTRIES_AFTER: Stmt = Stmt::new(
    "store.entries_after",
    "select bucket, lane, no, at, actor, operation, action, subject, prev_lane, prev_no, request, body, \
     hash from journal where bucket = $1 and lane = $2 and no > $3 order by no limit $4",
);

const ENTRIES_OF: Stmt = Stmt::new(
    "store.entries_of",
    "select bucket, lane, no, at, actor, operation, action, subject, prev_lane, prev_no, request, body, \
     hash from journal where bucket = $1 and lane = $2 and no > $3 and no <= $4 and action {in:$5} order by no",
);

pub(crate) const STATEMENTS: &[Stmt] =
    &[LANE_LOCK, LANES_LOCK, LANES_READ, LANE_MOVE, ENTRY_INSERT, ENTRY_READ, ENTRIES_AFTER, ENTRIES_OF];

/// One entry, in the bucket of one machine; `None` when there is none. A write sees its own.
pub fn journal_read(rows: &mut impl Rows, link: Link) -> Result<Option<Stored>> {
    if let Some(own) = rows.journalled(link) {
        return Ok(Some(own.clone()));
    }
    rows.opt(&ENTRY_READ, args![1, link.lane, link.no], stored)
}

/// Up to `limit` entries of a lane after number `after`, in order: the cursor of every follower.
pub fn journal_after(
    rows: &mut impl Rows,
    bucket: i32,
    lane: i32,
    after: i64,
    limit: i64,
) -> Result<Vec<Stored>> {
    rows.all(&ENTRIES_AFTER, args![bucket, lane, after, limit], stored)
}

/// Entries of some actions among those of a lane after number `after` up to `last`, in order.
pub fn journal_of(
    rows: &mut impl Rows,
    (bucket, lane): (i32, i32),
    (after, last): (i64, i64),
    actions: &[&str],
) -> Result<Vec<Stored>> {
    let actions: Vec<String> = actions.iter().map(|action| (*action).to_owned()).collect();
    rows.all(&ENTRIES_OF, args![bucket, lane, after, last, actions], stored)
}

/// The ends of all lanes in this snapshot.
pub fn heads(rows: &mut impl Rows) -> Result<Vec<Head>> {
    rows.all(&LANES_READ, &[], head)
}

/// Hash of an entry: SHA-256 over version, the hash before it, every column with its length, and
/// SHA-256 of the body. The first byte of the result is the algorithm id.
pub(crate) fn chain(before: &[u8], e: &Stored) -> Vec<u8> {
    let mut sha = Sha256::new_with_prefix([SHA256_V1]);
    let mut part = |bytes: &[u8]| {
        sha.update((bytes.len() as u64).to_le_bytes());
        sha.update(bytes);
    };
    part(before);
    for n in [i64::from(e.bucket), i64::from(e.link.lane), e.link.no, e.at, e.operation] {
        part(&n.to_le_bytes());
    }
    part(e.actor.as_bytes());
    part(e.action.as_bytes());
    part(e.subject.as_bytes());
    match e.prev {
        Some(prev) => {
            part(&prev.lane.to_le_bytes());
            part(&prev.no.to_le_bytes());
        }
        None => part(&[]),
    }
    match &e.request {
        Some(request) => {
            part(&[1]);
            part(request.as_bytes());
        }
        None => part(&[]),
    }
    part(&Sha256::digest(&e.body));
    let mut hash = Vec::with_capacity(33);
    hash.push(SHA256_V1);
    hash.extend_from_slice(&sha.finalize());
    hash
}

pub(crate) fn append(tx: &mut Tx<'_>, entry: Entry<'_>, at: i64) -> Result<Link> {
    if entry.body.len() > BODY_BYTES_MAX {
        return Err(StoreError::Value("journal body is too long"));
    }
    lane_lock(tx)?;
    let place = (tx.tail.bucket, tx.tail.lane);
    let Some(head) = tx.tail.heads.get_mut(&place) else {
        return Err(StoreError::Corrupt("lane lost".into()));
    };
    let link = Link { lane: place.1, no: head.no + 1 };
    let mut stored = Stored {
        bucket: place.0,
        link,
        at,
        actor: entry.actor.to_owned(),
        operation: entry.operation,
        action: entry.action.to_owned(),
        subject: entry.subject.to_owned(),
        prev: entry.prev,
        request: entry.request.map(str::to_owned),
        body: entry.body,
        hash: Vec::new(),
    };
    stored.hash = chain(&head.hash, &stored);
    head.no = link.no;
    head.hash.clone_from(&stored.hash);
    head.moved = true;
    if tx.is_postgres() {
        tx.tail.entries.push(stored);
    } else {
        // A later closure of the same group may read it: it must be there before COMMIT.
        tx.exec(&ENTRY_INSERT, &columns(stored))?;
    }
    Ok(link)
}

/// Locks the lane of this connection, unless it is held already.
pub(crate) fn lane_lock(tx: &mut Tx<'_>) -> Result<()> {
    if !lane_held(tx) {
        let place = (tx.tail.bucket, tx.tail.lane);
        let found = tx.opt(&LANE_LOCK, args![place.0, place.1], head)?;
        let found = found.ok_or_else(|| StoreError::Corrupt(format!("lane {place:?} is missing")))?;
        taken(tx, found);
    }
    Ok(())
}

/// The question by which [`lane_lock`] takes the lane, unless it is held already.
pub(crate) fn lane_ask(tx: &Tx<'_>) -> Option<Ask> {
    let ask = || Ask::new(LANE_LOCK, args![tx.tail.bucket, tx.tail.lane]);
    (!lane_held(tx)).then(ask)
}

/// Whether the lane of this connection is held.
pub(crate) fn lane_held(tx: &Tx<'_>) -> bool {
    tx.tail.heads.contains_key(&(tx.tail.bucket, tx.tail.lane))
}

fn taken(tx: &mut Tx<'_>, found: Head) {
    if tx.is_postgres() && (found.bucket, found.lane) == (tx.tail.bucket, tx.tail.lane) {
        tx.tail.adds.hold((found.turn, found.no));
    }
    tx.tail.heads.entry((found.bucket, found.lane)).or_insert(found);
}

/// Locks all lanes in order; their heads as this write sees them.
pub(crate) fn lanes_lock(tx: &mut Tx<'_>) -> Result<Vec<Head>> {
    for found in tx.all(&LANES_LOCK, &[], head)? {
        taken(tx, found);
    }
    Ok(tx.tail.heads.values().cloned().collect())
}

/// The pending entries, and the new ends of their lanes.
pub(crate) fn tail_writes(tail: &mut Tail) -> Vec<Write> {
    let entries = std::mem::take(&mut tail.entries).into_iter().map(columns).collect();
    // Totals are written through the lane as well.
    if !tail.adds.is_empty()
        && let Some(own) = tail.heads.get_mut(&(tail.bucket, tail.lane))
    {
        own.moved = true;
    }
    let mut moved = Vec::new();
    for head in tail.heads.values_mut().filter(|head| head.moved) {
        head.moved = false;
        head.turn += 1;
        if (head.bucket, head.lane) == (tail.bucket, tail.lane) {
            tail.adds.turned((head.turn, head.no));
        }
        moved.push(row![head.no, head.hash.clone(), head.turn, head.bucket, head.lane]);
    }
    let write = |stmt, rows| Write { stmt, rows, first: false };
    vec![write(ENTRY_INSERT, entries), write(LANE_MOVE, moved)]
}

fn columns(e: Stored) -> Vec<Val<'static>> {
    row![
        e.bucket,
        e.link.lane,
        e.link.no,
        e.at,
        e.actor,
        e.operation,
        e.action,
        e.subject,
        e.prev.map(|prev| prev.lane),
        e.prev.map(|prev| prev.no),
        e.request,
        e.body,
        e.hash,
    ]
}

fn head(row: &Row<'_>) -> Result<Head> {
    Ok(Head {
        bucket: row.int32(0)?,
        lane: row.int32(1)?,
        no: row.int(2)?,
        hash: row.bytes(3)?.to_vec(),
        turn: row.int(4)?,
        moved: false,
    })
}

fn stored(row: &Row<'_>) -> Result<Stored> {
    let prev = match (row.opt_int(8)?, row.opt_int(9)?) {
        (Some(lane), Some(no)) => Some(Link { lane: lane.try_into().map_err(|_| row.wrong(8, "lane"))?, no }),
        _ => None,
    };
    Ok(Stored {
        bucket: row.int32(0)?,
        link: Link { lane: row.int32(1)?, no: row.int(2)? },
        at: row.int(3)?,
        actor: row.string(4)?,
        operation: row.int(5)?,
        action: row.string(6)?,
        subject: row.string(7)?,
        prev,
        request: row.opt_text(10)?.map(str::to_owned),
        body: row.bytes(11)?.to_vec(),
        hash: row.bytes(12)?.to_vec(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_covers_every_part_and_the_hash_before() {
        let entry = Stored {
            bucket: 1,
            link: Link { lane: 2, no: 3 },
            at: 4,
            actor: "account:5".into(),
            operation: 6,
            action: "test.do".into(),
            subject: "sheet:7".into(),
            prev: Some(Link { lane: 0, no: 2 }),
            request: None,
            body: vec![8],
            hash: Vec::new(),
        };
        let changed: [fn(&mut Stored); 13] = [
            |e| e.bucket = 2,
            |e| e.link.lane = 3,
            |e| e.link.no = 4,
            |e| e.at = 5,
            |e| e.actor.push('1'),
            |e| e.operation = 7,
            |e| e.action.push('1'),
            |e| e.subject.push('1'),
            |e| e.prev = None,
            |e| e.prev = Some(Link { lane: 1, no: 2 }),
            |e| e.prev = Some(Link { lane: 0, no: 1 }),
            |e| e.request = Some(String::new()),
            |e| e.body.push(9),
        ];
        let mut hashes = vec![chain(b"before", &entry), chain(b"", &entry), chain(b"other", &entry)];
        for change in changed {
            let mut other = entry.clone();
            change(&mut other);
            hashes.push(chain(b"before", &other));
        }
        let all = hashes.len();
        hashes.sort();
        hashes.dedup();
        assert_eq!(hashes.len(), all);
        assert!(hashes.iter().all(|hash| hash.len() == 33 && hash[0] == SHA256_V1));
    }
}
