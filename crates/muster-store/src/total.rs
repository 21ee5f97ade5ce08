//! Totals: numbers that only ever get added to, kept per node so that reading one is one look.
//!
//! A row holds what the units of one bucket contributed to a node through one lane; the value is the
//! fold over those rows. Adding commutes, so lanes never wait for one another, and whoever holds a
//! lane is the only one who writes its rows. What a position means (a sum, how many said it, how many
//! were on time) is the caller's.

use std::collections::{BTreeSet, HashMap};

use crate::{
    Ask, LANES, Result, Row, Rows, Stmt, StoreError, TotalKey, Tx,
    adds::{Adds, at, fold, pack, trim, unpack},
    args, row,
    tx::{Tail, Write},
};

/// How far a row may go to either side, so that the fold over all rows of a node cannot overflow.
const fn row_max(buckets: i32) -> i64 {
    i64::MAX / (LANES as i64 * buckets as i64)
}
/// Probes of the index one statement may make beyond its keys before it is split.
const SPARE_PROBES: usize = 1024;

const TOTAL_READ: Stmt = Stmt::new(
    "store.total_read",
    "select t.day, t.series, t.node, t.packed \
     from {rows:$1 bigint} b cross join {rows:$2 bigint} d cross join {rows:$3 bigint} s cross join {rows:$4 bigint} n \
     {by:total t: t.bucket = b.a and t.day = d.a and t.series = s.a and t.node = n.a}",
);
const TOTAL_OWN: Stmt = Stmt::new(
    "store.total_own",
    "select t.day, t.series, t.node, t.packed \
     from {rows:$2 bigint} d cross join {rows:$3 bigint} s cross join {rows:$4 bigint} n \
     {by:total t: t.bucket = $1 and t.day = d.a and t.series = s.a and t.node = n.a and t.lane = $5}",
);
const TOTAL_WRITE: Stmt = Stmt::new(
    "store.total_write",
    "insert into total (bucket, day, series, node, lane, packed) values ($1, $2, $3, $4, $5, $6) \
     on conflict (bucket, day, series, node, lane) do update set packed = excluded.packed",
);
const TOTAL_NODES: Stmt = Stmt::new(
    "store.total_nodes",
    "select distinct node from total where bucket {in:$1} and day = $2 and series = $3 and node > $4 \
     order by node limit $5",
);
const TOTAL_DAY_NEXT: Stmt =
    Stmt::new("store.total_day_next", "select min(day) from total where bucket = $1 and day > $2");
const TOTAL_STRAYS: Stmt = Stmt::new(
    "store.total_strays",
    "select count(*) from total where bucket < 1 or bucket > $1 or not (series {in:$2})",
);
const TOTAL_STRAYS_DROP: Stmt = Stmt::new(
    "store.total_strays_drop",
    "delete from total where bucket < 1 or bucket > $1 or not (series {in:$2})",
);

pub(crate) const STATEMENTS: &[Stmt] =
    &[TOTAL_READ, TOTAL_OWN, TOTAL_WRITE, TOTAL_NODES, TOTAL_DAY_NEXT, TOTAL_STRAYS, TOTAL_STRAYS_DROP];

/// A total, folded over buckets and lanes; empty when nothing was ever added. Positions never
/// reached are left out at the end. A write sees what it added itself.
pub fn total_read(rows: &mut impl Rows, key: TotalKey) -> Result<Vec<i64>> {
    Ok(total_read_many(rows, &[key])?.remove(&key).unwrap_or_default())
}

/// Many totals at once; a key without a total is not in the answer. One statement when the keys are
/// days × series × nodes (children of a node, days of a chart), one per (day, series) otherwise.
pub fn total_read_many(rows: &mut impl Rows, keys: &[TotalKey]) -> Result<HashMap<TotalKey, Vec<i64>>> {
    let buckets: Vec<i64> = (1..=i64::from(rows.buckets())).collect();
    let mut out: HashMap<TotalKey, Vec<i64>> = HashMap::with_capacity(keys.len());
    let wanted: std::collections::HashSet<&TotalKey> = keys.iter().collect();
    for [days, series, nodes] in product(keys) {
        rows.each(&TOTAL_READ, args![&buckets, days, series, nodes], |row| {
            let key = key(row)?;
            if wanted.contains(&key) {
                fold(out.entry(key).or_default(), &unpack(row.bytes(3)?)?)?;
            }
            Ok(())
        })?;
    }
    for &key in wanted {
        if let Some(added) = rows.added(&key) {
            fold(out.entry(key).or_default(), added)?;
        }
    }
    out.values_mut().for_each(trim);
    out.retain(|_, value| !value.is_empty());
    Ok(out)
}

/// The questions of [`total_read_many`], to be sent ahead.
pub fn total_asks(rows: &impl Rows, keys: &[TotalKey]) -> Vec<Ask> {
    let buckets: Vec<i64> = (1..=i64::from(rows.buckets())).collect();
    let ask = |[days, series, nodes]: [Vec<i64>; 3]| {
        Ask::new(TOTAL_READ, args![buckets.clone(), days, series, nodes])
    };
    product(keys).into_iter().map(ask).collect()
}

/// All totals of a day and series by node, after node `after`, at most `limit`: to compare them, to
/// redraw them in chunks. Sees what is stored, not what this write adds.
pub fn total_list(
    rows: &mut impl Rows,
    day: i32,
    series: i64,
    after: i64,
    limit: i64,
) -> Result<Vec<(TotalKey, Vec<i64>)>> {
    let buckets: Vec<i64> = (1..=i64::from(rows.buckets())).collect();
    let nodes = rows.all(&TOTAL_NODES, args![&buckets, day, series, after, limit], |row| row.int(0))?;
    let keys: Vec<_> = nodes.into_iter().map(|node| TotalKey { day, series, node }).collect();
    let mut values = total_read_many(rows, &keys)?;
    Ok(keys.into_iter().map(|key| (key, values.remove(&key).unwrap_or_default())).collect())
}

/// The days that have any total, in order.
pub fn total_days(rows: &mut impl Rows) -> Result<Vec<i32>> {
    let mut days = BTreeSet::new();
    for bucket in 1..=i64::from(rows.buckets()) {
        let mut after = i64::from(i32::MIN);
        while let Some(day) = rows.one(&TOTAL_DAY_NEXT, args![bucket, after], |row| row.opt_int(0))? {
            days.insert(i32::try_from(day).map_err(|_| StoreError::Corrupt("the day of a total".into()))?);
            after = day;
        }
    }
    Ok(days.into_iter().collect())
}

/// How many rows are of no bucket, or of none of these series: nobody added to them.
pub fn total_strays(rows: &mut impl Rows, series: &[i64]) -> Result<u64> {
    let buckets = rows.buckets();
    Ok(rows.one(&TOTAL_STRAYS, args![buckets, series], |row| row.int(0))?.unsigned_abs())
}

/// Takes those rows out; how many.
pub fn total_strays_drop(tx: &mut Tx<'_>, series: &[i64]) -> Result<u64> {
    let buckets = tx.buckets();
    tx.exec(&TOTAL_STRAYS_DROP, args![buckets, series])
}

/// Makes a total what a rebuild found it to be (`&[]`: nothing). Holds back all who add meanwhile,
/// so redraw in chunks of a few hundred keys a write. Adds the difference: lanes stay as they are.
pub fn total_replace(tx: &mut Tx<'_>, values: &[(TotalKey, Vec<i64>)]) -> Result<()> {
    tx.barrier()?;
    // Rows may not be what those who wrote them remember: they are read again, those also to which others of this group
    // have added and which are written with it.
    tx.tail.adds.base.clear();
    let waiting: Vec<_> = tx.tail.adds.pending.keys().copied().collect();
    base_read(tx, &waiting)?;
    let keys: Vec<_> = values.iter().map(|(key, _)| *key).collect();
    let now = total_read_many(tx, &keys)?;
    for (key, wanted) in values {
        let is = now.get(key).map(Vec::as_slice).unwrap_or_default();
        let mut deltas = Vec::new();
        for position in 0..wanted.len().max(is.len()) {
            let (wanted, is) = (at(wanted, position), at(is, position));
            let delta = wanted.checked_sub(is).ok_or(StoreError::Overflow)?;
            if delta != 0 {
                let position = u16::try_from(position).map_err(|_| StoreError::Overflow)?;
                deltas.push((position, delta));
            }
        }
        tx.add(*key, &deltas)?;
    }
    Ok(())
}

/// Reads the rows this closure adds to and checks that each sum stays within [`row_max`].
pub(crate) fn settle(tx: &mut Tx<'_>) -> Result<()> {
    let max = row_max(tx.buckets()) as u64;
    let adds = &mut tx.tail.adds;
    let touched: BTreeSet<TotalKey> = adds.log.iter().map(|(key, ..)| *key).collect();
    if adds.base.len() + touched.len() > Adds::BASE_MAX {
        let pending = &adds.pending;
        adds.base.retain(|key, _| pending.contains_key(key));
    }
    let missing: Vec<_> = touched.iter().filter(|key| !adds.base.contains_key(key)).copied().collect();
    base_read(tx, &missing)?;
    let adds = &mut tx.tail.adds;
    for key in &touched {
        let (base, pending) = (&adds.base[key], &adds.pending[key]);
        for (i, add) in pending.iter().enumerate() {
            match at(base, i).checked_add(*add) {
                Some(sum) if sum.unsigned_abs() <= max => {}
                _ => return Err(StoreError::Overflow),
            }
        }
    }
    Ok(())
}

/// Reads own rows as they stand in the table; one that is not there is empty.
fn base_read(tx: &mut Tx<'_>, keys: &[TotalKey]) -> Result<()> {
    let (bucket, lane) = (tx.tail.bucket, tx.tail.lane);
    let mut found = HashMap::new();
    for [days, series, nodes] in product(keys) {
        tx.each(&TOTAL_OWN, args![bucket, days, series, nodes, lane], |row| {
            found.insert(key(row)?, unpack(row.bytes(3)?)?);
            Ok(())
        })?;
    }
    for key in keys {
        tx.tail.adds.base.insert(*key, found.remove(key).unwrap_or_default());
    }
    Ok(())
}

/// Base plus pending, sorted by key; the result is the new base.
pub(crate) fn tail_write(tail: &mut Tail) -> Result<Write> {
    let (bucket, lane) = (tail.bucket, tail.lane);
    let adds = &mut tail.adds;
    let mut changed: Vec<_> =
        adds.pending.drain().filter(|(_, add)| add.iter().any(|delta| *delta != 0)).collect();
    changed.sort_unstable_by_key(|(key, _)| *key);
    let mut rows = Vec::with_capacity(changed.len());
    for (key, add) in changed {
        // What nobody has read is never taken to be empty.
        let unread = || StoreError::Corrupt("a total that is written before it was read".into());
        let base = adds.base.get_mut(&key).ok_or_else(unread)?;
        fold(base, &add)?;
        rows.push(row![bucket, key.day, key.series, key.node, lane, pack(base)]);
    }
    Ok(Write { stmt: TOTAL_WRITE, rows, first: false })
}

/// Splits keys into days × series × nodes, so that a statement probes about as often as it has keys.
fn product(keys: &[TotalKey]) -> Vec<[Vec<i64>; 3]> {
    fn axes<'k>(keys: impl Iterator<Item = &'k TotalKey> + Clone) -> [Vec<i64>; 3] {
        fn axis(values: impl Iterator<Item = i64>) -> Vec<i64> {
            values.collect::<BTreeSet<_>>().into_iter().collect()
        }
        [
            axis(keys.clone().map(|key| key.day.into())),
            axis(keys.clone().map(|key| key.series)),
            axis(keys.map(|key| key.node)),
        ]
    }
    if keys.is_empty() {
        return Vec::new();
    }
    let whole = axes(keys.iter());
    let probes = whole.iter().map(Vec::len).fold(1, usize::saturating_mul);
    if probes <= keys.len().saturating_mul(4).saturating_add(SPARE_PROBES) {
        return vec![whole];
    }
    let mut groups: HashMap<(i32, i64), Vec<TotalKey>> = HashMap::new();
    for key in keys {
        groups.entry((key.day, key.series)).or_default().push(*key);
    }
    groups.values().map(|group| axes(group.iter())).collect()
}

fn key(row: &Row<'_>) -> Result<TotalKey> {
    Ok(TotalKey { day: row.int32(0)?, series: row.int(1)?, node: row.int(2)? })
}
