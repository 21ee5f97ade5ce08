//! The journal looked at without its bodies: by whom, when, about what, under which hash. For whoever reads on through
//! many entries to find a few.
//!
//! The journal has no index but its key, and gets none: what it takes to store an entry is what a report takes. So entries
//! are found by where they stand: a lane is dense and its instants hardly fall, so that a moment is found in it by halving
//! ([`lanes_before`]), and from there it is read on in steps whose length the caller bounds.

use std::collections::HashMap;

use crate::{Head, Link, Result, Row, Rows, Stmt, args};

/// How much older than one before it an entry may be: a write bears the time at which it was asked for, and another
/// that was asked for later may be stored first. What is more than that is a clock that was put back.
pub const BACKWARDS_MS: i64 = 60_000;

const GLANCES: Stmt = Stmt::new(
    "store.glances",
    "select lane, no, at, actor, action, subject, prev_lane, prev_no, hash from journal \
     where bucket = $1 and lane = $2 and no > $3 and no <= $4 order by no desc limit $5",
);
const MARKS: Stmt = Stmt::new(
    "store.marks",
    "select j.lane, j.no, j.at, j.hash from {rows:$1 bigint,$2 bigint} k \
     {by:journal j: j.bucket = 1 and j.lane = k.a and j.no = k.b}",
);
pub(crate) const STATEMENTS: &[Stmt] = &[GLANCES, MARKS];

/// An entry without its body.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Glance {
    /// Lane and number.
    pub link: Link,
    /// When, in ms UTC.
    pub at: i64,
    /// By whom: a reference, never a name.
    pub actor: String,
    /// The word for what was done.
    pub action: String,
    /// What it was done to.
    pub subject: String,
    /// The entry before it about the same subject.
    pub prev: Option<Link>,
    /// Algorithm id and hash.
    pub hash: Vec<u8>,
}

/// Up to `limit` entries of a lane (of the bucket of one machine) with numbers from `upto` down to above `above`, the
/// last first.
pub fn journal_glances(
    rows: &mut impl Rows,
    lane: i32,
    (above, upto): (i64, i64),
    limit: i64,
) -> Result<Vec<Glance>> {
    rows.all(&GLANCES, args![1, lane, above, upto, limit], glance)
}

/// Instant (ms UTC) and hash of entries by where they are, in one question; those that there are not are left out.
pub fn journal_marks(rows: &mut impl Rows, links: &[Link]) -> Result<HashMap<Link, (i64, Vec<u8>)>> {
    if links.is_empty() {
        return Ok(HashMap::new());
    }
    let lanes: Vec<i64> = links.iter().map(|link| link.lane.into()).collect();
    let numbers: Vec<i64> = links.iter().map(|link| link.no).collect();
    let found = rows.all(&MARKS, args![lanes, numbers], |row| {
        let link = Link { lane: row.int32(0)?, no: row.int(1)? };
        Ok((link, (row.int(2)?, row.bytes(3)?.to_vec())))
    })?;
    Ok(found.into_iter().collect())
}

/// Of each lane the number from which on nothing is older than a moment (ms UTC), less one: what is older stands at or
/// before it. All lanes are halved together, so that it is at most 63 questions however long they are. Holds while no
/// entry is older than one before it by more than [`BACKWARDS_MS`]: the walk of `verify` tells where one is.
pub fn lanes_before(rows: &mut impl Rows, heads: &[Head], at: i64) -> Result<Vec<(i32, i64)>> {
    // Between `low` (known to be older, or none) and `high` (known not to be, or beyond the end).
    let mut spans: Vec<(i32, i64, i64)> = heads.iter().map(|head| (head.lane, 0, head.no + 1)).collect();
    loop {
        let asked: Vec<Link> = spans
            .iter()
            .filter(|(_, low, high)| high - low > 1)
            .map(|&(lane, low, high)| Link { lane, no: low + (high - low) / 2 })
            .collect();
        if asked.is_empty() {
            return Ok(spans.into_iter().map(|(lane, low, _)| (lane, low)).collect());
        }
        let marks = journal_marks(rows, &asked)?;
        for (lane, low, high) in &mut spans {
            let Some(link) = asked.iter().find(|link| link.lane == *lane) else { continue };
            // One that is gone is passed over towards the end: more is looked at, never less.
            let is_older = marks.get(link).is_none_or(|(then, _)| *then < at.saturating_add(BACKWARDS_MS));
            if is_older { *low = link.no } else { *high = link.no }
        }
    }
}

fn glance(row: &Row<'_>) -> Result<Glance> {
    let prev = match (row.opt_int(6)?, row.opt_int(7)?) {
        (Some(lane), Some(no)) => Some(Link { lane: lane.try_into().map_err(|_| row.wrong(6, "lane"))?, no }),
        _ => None,
    };
    Ok(Glance {
        link: Link { lane: row.int32(0)?, no: row.int(1)? },
        at: row.int(2)?,
        actor: row.string(3)?,
        action: row.string(4)?,
        subject: row.string(5)?,
        prev,
        hash: row.bytes(8)?.to_vec(),
    })
}
