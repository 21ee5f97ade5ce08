//! The journal: what was done, by whom, when; append-only, in the transaction of the deed.
//!
//! Entries stand in lanes so that writers on different connections do not wait for one another. In
//! a lane `no` is dense (1, 2, 3, ..) and each hash covers the one before it, so a changed byte, a
//! missing row and a changed order show ([`verify`](crate::verify)). Personal data never stands in
//! an entry except as a reference or sealed: a hash is for ever.

use crate::{
    Ask, BODY_BYTES_MAX, Entry, Head, Link, Result, Row, Rows, Stmt, StoreError, Stored, Tx, Val, args,
    entry::chain,
    row,
    tx::{Tail, Write},
};
use std::collections::HashMap;

pub(crate) const LANE_LOCK: Stmt = Stmt::new(
    "store.lane_lock",
    "select bucket, lane, no, head, turn from lane where bucket = $1 and lane = $2 {lock}",
);
const LANES_LOCK: Stmt = Stmt::new(
    "store.lanes_lock",
    "select bucket, lane, no, head, turn from lane order by bucket, lane {lock}",
);
const LANES_READ: Stmt =
    Stmt::new("store.lanes_read", "select bucket, lane, no, head, turn from lane order by bucket, lane");
pub(crate) const LANE_MOVE: Stmt = Stmt::new(
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
const ENTRIES_AT: Stmt = Stmt::new(
    "store.entries_at",
    "select j.bucket, j.lane, j.no, j.at, j.actor, j.operation, j.action, j.subject, j.prev_lane, j.prev_no, j.request, \
     j.body, j.hash from {rows:$1 bigint,$2 bigint} k {by:journal j: j.bucket = 1 and j.lane = k.a and j.no = k.b}",
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

/// Moves a lane that is as its writer left it.
pub(crate) const LANE_TURN: Stmt = Stmt::new(
    "store.lane_turn",
    "update lane set no = $1, head = $2, turn = $3 where bucket = $4 and lane = $5 and no = $6 and head = $7 \
     and turn = $8 returning lane",
);

/// How many arguments it has.
pub(crate) const LANE_TURN_ARGS: usize = 8;

pub(crate) const STATEMENTS: &[Stmt] = &[
    LANE_LOCK,
    LANE_TURN,
    LANES_LOCK,
    LANES_READ,
    LANE_MOVE,
    ENTRY_INSERT,
    ENTRY_READ,
    ENTRIES_AT,
    ENTRIES_AFTER,
    ENTRIES_OF,
];

/// One entry, in the bucket of one machine; `None` when there is none. A write sees its own.
pub fn journal_read(rows: &mut impl Rows, link: Link) -> Result<Option<Stored>> {
    if let Some(own) = rows.journalled(link) {
        return Ok(Some(own.clone()));
    }
    rows.opt(&ENTRY_READ, args![1, link.lane, link.no], stored)
}

/// Entries by where they are, in one question; those that there are not are left out. What a write itself journalled and is
/// not stored yet is not among them.
pub fn journal_read_many(rows: &mut impl Rows, links: &[Link]) -> Result<HashMap<Link, Stored>> {
    if links.is_empty() {
        return Ok(HashMap::new());
    }
    let lanes: Vec<i64> = links.iter().map(|link| link.lane.into()).collect();
    let numbers: Vec<i64> = links.iter().map(|link| link.no).collect();
    let found = rows.all(&ENTRIES_AT, args![lanes, numbers], stored)?;
    Ok(found.into_iter().map(|entry| (entry.link, entry)).collect())
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
    tx.tail.links.push(link);
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

/// The lane is this write's until it ends. Where it is not as this connection left it, what that remembers holds no more.
pub(crate) fn taken(tx: &mut Tx<'_>, found: Head) {
    if tx.is_postgres() && (found.bucket, found.lane) == (tx.tail.bucket, tx.tail.lane) {
        tx.tail.adds.hold((found.turn, found.no));
        let is_as_left = |left: &Head| *left == Head { moved: false, ..found.clone() };
        if !tx.tail.left.as_ref().is_some_and(is_as_left) {
            tx.session.engine.forget();
        }
    }
    let place = (found.bucket, found.lane);
    tx.tail.heads.entry(place).and_modify(|head| head.moved |= found.moved).or_insert(found);
}

/// Locks all lanes in order; their heads as this write sees them.
pub(crate) fn lanes_lock(tx: &mut Tx<'_>) -> Result<Vec<Head>> {
    let is_postgres = tx.is_postgres();
    for found in tx.all(&LANES_LOCK, &[], head)? {
        // Moved even where nothing is journalled in it: its writer must not go by what it remembers.
        taken(tx, Head { moved: is_postgres, ..found });
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
            tail.left = Some(head.clone());
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

pub(crate) fn head(row: &Row<'_>) -> Result<Head> {
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
        (None, None) => None,
        // Half of one is no link that was ever written: its hash tells.
        (lane, no) => Some(Link {
            lane: lane.unwrap_or(-1).try_into().map_err(|_| row.wrong(8, "lane"))?,
            no: no.unwrap_or(-1),
        }),
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
