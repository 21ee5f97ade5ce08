//! Which entries of the journal changed how units stand, since when.

use super::LIST_MAX;
use super::cells::day;
use muster_kernel::Day;
use muster_store::{Link, Result, Row, Rows, Stmt, Tx, args};

const ADD: Stmt =
    Stmt::new("org.tree_entry_add", "insert into tree_entry (lane, no, at, since) values ($1, $2, $3, $4)");
const LATER: Stmt = Stmt::new(
    "org.tree_entries_later",
    "select lane, no, at, since from tree_entry where at > $1 and since <= $2 order by at, lane, no limit $3",
);
const OF_LANE: Stmt = Stmt::new(
    "org.tree_entries_of_lane",
    "select lane, no, at, since from tree_entry where lane = $1 and no > $2 and no <= $3 order by no",
);
const BEYOND: Stmt = Stmt::new(
    "org.tree_entries_beyond",
    "select count(*) from tree_entry e where not exists (select 1 from lane l where l.lane = e.lane and l.no >= e.no)",
);

pub(super) const STATEMENTS: &[Stmt] = &[ADD, LATER, OF_LANE, BEYOND];

/// An entry of the journal that changed how units stand.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct TreeEntry {
    /// Where the journal tells it.
    pub link: Link,
    /// When it was said, milliseconds UTC.
    pub at_ms: i64,
    /// The first day on which something stands otherwise.
    pub since: Day,
}

/// Notes that entries of this transaction change the tree, each from a day on.
pub(in crate::lines::org) fn tree_entries_add(tx: &mut Tx<'_>, told: &[(Link, Day)]) -> Result<()> {
    let at = tx.at();
    for chunk in told.chunks(LIST_MAX) {
        let row = |(link, since): &(Link, Day)| args![link.lane, link.no, at, since.number()].to_vec();
        tx.exec_rows(&ADD, &chunk.iter().map(row).collect::<Vec<_>>())?;
    }
    Ok(())
}

/// Entries later than an instant (milliseconds UTC) that change the tree of a day, the earliest first.
pub fn tree_entries_later(
    rows: &mut impl Rows,
    than_ms: i64,
    on: Day,
    limit: usize,
) -> Result<Vec<TreeEntry>> {
    rows.all(&LATER, args![than_ms, on.number(), limit as i64], entry)
}

/// What is noted of a span of a lane (its first excluded), in order.
pub(in crate::lines::org) fn tree_entries_of_lane(
    rows: &mut impl Rows,
    lane: i32,
    (from, to): (i64, i64),
) -> Result<Vec<TreeEntry>> {
    rows.all(&OF_LANE, args![lane, from, to], entry)
}

/// How many are noted of entries that no lane has.
pub(in crate::lines::org) fn tree_entries_beyond(rows: &mut impl Rows) -> Result<i64> {
    rows.one(&BEYOND, args![], |row| row.int(0))
}

fn entry(row: &Row<'_>) -> Result<TreeEntry> {
    Ok(TreeEntry {
        link: Link { lane: row.int32(0)?, no: row.int(1)? },
        at_ms: row.int(2)?,
        since: day(row, 3)?,
    })
}
