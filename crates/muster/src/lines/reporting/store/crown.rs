//! Which nodes keep their totals as rows, and how many units are expected to report there.

use super::day;
use muster_kernel::Day;
use muster_store::{Ask, Rows, Stmt, StoreError, Tx, args};
use rustc_hash::FxHashSet;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};

const CROWN: Stmt = Stmt::new("reporting.crown", "select node from crown order by node limit 1000000");
const CROWN_MIN: Stmt = Stmt::new("reporting.crown_min", "select crown_min from book_epoch where id = 1");
const CROWN_MIN_SET: Stmt =
    Stmt::new("reporting.crown_min_set", "update book_epoch set crown_min = $1 where id = 1");
const CROWN_ADD: Stmt =
    Stmt::new("reporting.crown_add", "insert into crown (node) values ($1) on conflict do nothing");
const EXPECTED_OF_NODE: Stmt = Stmt::new(
    "reporting.expected_of_node",
    "select since, until, n from expected where bucket = 1 and series = $1 and node = $2 order by since limit 100000",
);
const EXPECTED_ON_DAYS: Stmt = Stmt::new(
    "reporting.expected_on_days",
    "select node, since, until, n from expected
     where bucket = 1 and series = $1 and node {in:$2} and since <= $3 and until > $4",
);
const EXPECTED_DROP_NODE: Stmt = Stmt::new(
    "reporting.expected_drop_node",
    "delete from expected where bucket = 1 and series = $1 and node = $2",
);
const EXPECTED_NODES: Stmt = Stmt::new(
    "reporting.expected_nodes",
    "select distinct node from expected where bucket = 1 and series = $1 order by node limit 1000000",
);
const EXPECTED_ADD: Stmt = Stmt::new(
    "reporting.expected_add",
    "insert into expected (bucket, series, node, since, until, n) values ($1, $2, $3, $4, $5, $6)",
);
const EXPECTED_STRAYS: Stmt = Stmt::new(
    "reporting.expected_strays",
    "select count(*) from expected where bucket <> 1 or not (series {in:$1})",
);
const EXPECTED_STRAYS_DROP: Stmt = Stmt::new(
    "reporting.expected_strays_drop",
    "delete from expected where bucket <> 1 or not (series {in:$1})",
);

pub(super) const STATEMENTS: &[Stmt] = &[
    CROWN,
    CROWN_MIN,
    CROWN_MIN_SET,
    CROWN_ADD,
    EXPECTED_OF_NODE,
    EXPECTED_ON_DAYS,
    EXPECTED_DROP_NODE,
    EXPECTED_NODES,
    EXPECTED_ADD,
    EXPECTED_STRAYS,
    EXPECTED_STRAYS_DROP,
];

pub(in crate::lines::reporting) fn crown(rows: &mut impl Rows) -> Result<FxHashSet<i64>, StoreError> {
    Ok(rows.all(&CROWN, args![], |row| row.int(0))?.into_iter().collect())
}

/// How many are expected at crown nodes on days; what is not in the answer is nobody.
pub(in crate::lines::reporting) fn expected_on(
    rows: &mut impl Rows,
    series: i64,
    nodes: &[(Day, i64)],
) -> Result<HashMap<(Day, i64), i64>, StoreError> {
    let Some(Ask { stmt, args }) = expected_ask(series, nodes) else { return Ok(HashMap::new()) };
    let days: BTreeSet<Day> = nodes.iter().map(|(day, _)| *day).collect();
    let mut expected = HashMap::with_capacity(nodes.len());
    rows.each(&stmt, &args, |row| {
        let (node, since, until, n) = (row.int(0)?, day(row, 1)?, day(row, 2)?, row.int(3)?);
        expected.extend(days.range(since..until).map(|day| ((*day, node), n)));
        Ok(())
    })?;
    Ok(expected)
}

/// The question of [`expected_on`], to be sent ahead; none about nobody.
pub(in crate::lines::reporting) fn expected_ask(series: i64, nodes: &[(Day, i64)]) -> Option<Ask> {
    let first = nodes.iter().map(|(day, _)| day.number()).min()?;
    let last = nodes.iter().map(|(day, _)| day.number()).max()?;
    let wanted: BTreeSet<i64> = nodes.iter().map(|(_, node)| *node).collect();
    let wanted: Vec<i64> = wanted.into_iter().collect();
    Some(Ask::new(EXPECTED_ON_DAYS, args![series, wanted, last, first]))
}

/// A node's expected count as steps: what is added from a day on.
pub(in crate::lines::reporting) fn expected_steps(
    rows: &mut impl Rows,
    series: i64,
    node: i64,
) -> Result<BTreeMap<Day, i64>, StoreError> {
    let mut steps = BTreeMap::new();
    rows.each(&EXPECTED_OF_NODE, args![series, node], |row| {
        let n = row.int(2)?;
        *steps.entry(day(row, 0)?).or_default() += n;
        *steps.entry(day(row, 1)?).or_default() -= n;
        Ok(())
    })?;
    Ok(steps)
}

/// Writes a node's expected count from its steps.
pub(in crate::lines::reporting) fn expected_write(
    tx: &mut Tx<'_>,
    series: i64,
    node: i64,
    steps: &BTreeMap<Day, i64>,
) -> Result<(), StoreError> {
    tx.exec(&EXPECTED_DROP_NODE, args![series, node])?;
    let mut n = 0;
    let mut rows = Vec::new();
    let mut days = steps.iter().filter(|(_, step)| **step != 0).peekable();
    while let Some((since, step)) = days.next() {
        n += step;
        if let Some((until, _)) = days.peek().filter(|_| n != 0) {
            rows.push(args![1, series, node, since.number(), until.number(), n].to_vec());
        }
    }
    tx.exec_rows(&EXPECTED_ADD, &rows).map(drop)
}

/// The nodes that have expected counts of a series.
pub(in crate::lines::reporting) fn expected_nodes(
    rows: &mut impl Rows,
    series: i64,
) -> Result<Vec<i64>, StoreError> {
    rows.all(&EXPECTED_NODES, args![series], |row| row.int(0))
}

/// How many expected counts are of none of these series.
pub(in crate::lines::reporting) fn expected_strays(
    rows: &mut impl Rows,
    series: &[i64],
) -> Result<u64, StoreError> {
    Ok(rows.one(&EXPECTED_STRAYS, args![series], |row| row.int(0))?.unsigned_abs())
}

/// Takes those out; how many.
pub(in crate::lines::reporting) fn expected_strays_drop(
    tx: &mut Tx<'_>,
    series: &[i64],
) -> Result<u64, StoreError> {
    tx.exec(&EXPECTED_STRAYS_DROP, args![series])
}

pub(in crate::lines::reporting) fn crown_add(
    tx: &mut Tx<'_>,
    nodes: &HashSet<i64>,
) -> Result<(), StoreError> {
    let mut nodes: Vec<i64> = nodes.iter().copied().collect();
    nodes.sort_unstable();
    let rows: Vec<_> = nodes.into_iter().map(|node| args![node].to_vec()).collect();
    tx.exec_rows(&CROWN_ADD, &rows).map(drop)
}

/// More units below than this, and a node keeps its totals as a row.
pub(in crate::lines::reporting) fn crown_min(rows: &mut impl Rows) -> Result<usize, StoreError> {
    let min = rows.one(&CROWN_MIN, args![], |row| row.int(0))?;
    Ok(usize::try_from(min).unwrap_or(usize::MAX))
}

pub(in crate::lines::reporting) fn crown_min_set(tx: &mut Tx<'_>, min: i64) -> Result<(), StoreError> {
    tx.exec(&CROWN_MIN_SET, args![min]).map(drop)
}
