//! After the facts changed: draws the projection anew from a day on, for the units that are touched and all below
//! them, and stores only what differs.

use crate::Fail;
use crate::lines::org::model::{Standing, TreeChange};
use crate::lines::org::path::DEPTH_MAX;
use crate::lines::org::project::{Fault, Nature, Subject, Subjects, draw, joined};
use crate::lines::org::store::{self, Identity, drawing, facts, standing, strays};
use muster_kernel::{Day, Problem};
use muster_store::{Db, Result, Rows, Tx};
use serde::Serialize;
use std::collections::{BTreeMap, BTreeSet, HashMap, HashSet};
use std::sync::Arc;

/// Which units' rows may have changed, and from which day on.
#[derive(Debug, Default)]
pub(super) struct Touched {
    /// Units whose path may have changed: all below them is drawn too.
    pub(super) deep: Vec<i64>,
    /// Units of which only kind, place or classes changed.
    pub(super) shallow: Vec<i64>,
    from: Option<Day>,
}

impl Touched {
    /// Something changed from a day on.
    pub(super) fn since(&mut self, day: Day) {
        self.from = Some(self.from.map_or(day, |from| from.min(day)));
    }
}

/// Draws what was touched.
///
/// # Errors
/// The facts are not a tree on some day: a circle, a parent that is closed, too many levels.
pub(super) fn redraw(tx: &mut Tx<'_>, touched: &Touched) -> Result<TreeChange, Fail> {
    let Some(from) = touched.from else { return Ok(TreeChange::default()) };
    let units = with_all_below(tx, touched, from)?;
    let subjects = subjects(tx, &units, from)?;
    let above = above(tx, &subjects, from)?;
    let came = match draw(&subjects, &above, from) {
        Ok(drawn) => drawn,
        Err(fault) => return Err(explained(tx, &subjects, fault)?.into()),
    };
    let gone = joined(standing::standings_from(tx, &units, from)?);
    let change = difference(gone, came);
    store_change(tx, &change, from)?;
    Ok(change)
}

/// How the parents that are not drawn themselves stand.
fn above(rows: &mut impl Rows, subjects: &Subjects, from: Day) -> Result<HashMap<i64, Vec<Standing>>> {
    let parents: BTreeSet<i64> = subjects.values().flat_map(|s| &s.edges).map(|edge| edge.parent).collect();
    let outside: Vec<i64> = parents.into_iter().filter(|p| *p != 0 && !subjects.contains_key(p)).collect();
    let mut above: HashMap<i64, Vec<Standing>> = HashMap::new();
    for standing in standing::standings_from(rows, &outside, from)? {
        above.entry(standing.unit).or_default().push(standing);
    }
    Ok(above)
}

/// The touched units and, for those touched deeply, all that is below them on any day from `from` on.
fn with_all_below(tx: &mut Tx<'_>, touched: &Touched, from: Day) -> Result<Vec<i64>> {
    let mut units: HashSet<i64> = touched.deep.iter().copied().collect();
    let mut frontier: Vec<i64> = units.iter().copied().collect();
    while !frontier.is_empty() {
        let below = facts::edges_below(tx, &frontier, from)?;
        frontier = below.into_iter().map(|edge| edge.unit).filter(|unit| units.insert(*unit)).collect();
    }
    units.extend(&touched.shallow);
    let mut units: Vec<i64> = units.into_iter().collect();
    units.sort_unstable();
    Ok(units)
}

fn subjects(rows: &mut impl Rows, units: &[i64], from: Day) -> Result<Subjects> {
    let mut subjects = Subjects::with_capacity(units.len());
    for identity in store::units_by_id(rows, units)? {
        let subject =
            Subject { code: identity.code, bucket: identity.bucket, edges: Vec::new(), natures: Vec::new() };
        subjects.insert(identity.id, subject);
    }
    // Nearly every unit has one edge and one row of facts: room for exactly so many saves a third of the memory.
    for edge in facts::edges_of(rows, units, from)? {
        if let Some(subject) = subjects.get_mut(&edge.unit) {
            subject.edges.reserve_exact(1);
            subject.edges.push(edge);
        }
    }
    let ids: HashMap<String, i64> =
        store::classes(rows)?.into_iter().map(|class| (class.code, class.id)).collect();
    let mut kinds: HashMap<String, Arc<str>> = HashMap::new();
    let mut lists: HashMap<String, Arc<[i64]>> = HashMap::new();
    facts::natures_each(rows, units, from, |unit, (since, until), kind, place, classes| {
        let kind = match kinds.get(kind) {
            Some(kind) => kind.clone(),
            None => kinds.entry(kind.to_owned()).or_insert(kind.into()).clone(),
        };
        let classes = match lists.get(classes) {
            Some(list) => list.clone(),
            None => {
                let mut list: Vec<i64> =
                    classes.split_whitespace().filter_map(|code| ids.get(code).copied()).collect();
                list.sort_unstable();
                lists.entry(classes.to_owned()).or_insert(list.into()).clone()
            }
        };
        if let Some(subject) = subjects.get_mut(&unit) {
            subject.natures.reserve_exact(1);
            subject.natures.push(Nature { since, until, kind, place, classes });
        }
    })?;
    Ok(subjects)
}

/// Leaves out the units of which the projection says what it said before.
fn difference(gone: Vec<Standing>, came: Vec<Standing>) -> TreeChange {
    if gone.is_empty() {
        return TreeChange { gone, came };
    }
    let mut units: BTreeMap<i64, (Vec<Standing>, Vec<Standing>)> = BTreeMap::new();
    for row in gone {
        units.entry(row.unit).or_default().0.push(row);
    }
    for row in came {
        units.entry(row.unit).or_default().1.push(row);
    }
    let mut change = TreeChange::default();
    for (gone, came) in units.into_values().filter(|(gone, came)| gone != came) {
        change.gone.extend(gone);
        change.came.extend(came);
    }
    change
}

fn store_change(tx: &mut Tx<'_>, change: &TreeChange, from: Day) -> Result<()> {
    let mut before: Vec<i64> = change.gone.iter().map(|row| row.unit).collect();
    before.dedup();
    drawing::standings_end(tx, &before, from)?;
    drawing::standings_add(tx, &change.came)?;
    let (old, new) = (members(&change.gone), members(&change.came));
    let differing = old.symmetric_difference(&new);
    let units: BTreeSet<i64> = differing.map(|(_, unit, _, _)| *unit).collect();
    if units.is_empty() {
        return Ok(());
    }
    let of_units = |member: &&drawing::Member| units.contains(&member.1);
    let classes: BTreeSet<i64> = old.union(&new).filter(of_units).map(|member| member.0).collect();
    let members: Vec<drawing::Member> = new.iter().filter(of_units).copied().collect();
    let known: Vec<i64> = before.into_iter().filter(|unit| units.contains(unit)).collect();
    drawing::members_replace(tx, &known, &classes.into_iter().collect::<Vec<_>>(), from, &members)
}

/// Days in classes, neighbours joined: a move does not end them.
fn members(rows: &[Standing]) -> BTreeSet<drawing::Member> {
    let of = |row: &Standing| {
        let (unit, since, until) = (row.unit, row.since, row.until);
        row.classes.iter().map(move |class| (*class, unit, since, until)).collect::<Vec<_>>()
    };
    members_joined(rows.iter().flat_map(of).collect())
}

fn members_joined(mut members: Vec<drawing::Member>) -> BTreeSet<drawing::Member> {
    members.sort_unstable();
    members.dedup_by(|next, member| {
        let join = (member.0, member.1, member.3) == (next.0, next.1, next.2);
        if join {
            member.3 = next.3;
        }
        join
    });
    members.into_iter().collect()
}

/// The refusal that a fault of the tree is, with the codes of the units.
fn explained(tx: &mut Tx<'_>, subjects: &Subjects, fault: Fault) -> Result<Problem> {
    let mut code = |unit: i64| -> Result<String> {
        if let Some(subject) = subjects.get(&unit) {
            return Ok(subject.code.to_string());
        }
        Ok(store::units_by_id(tx, &[unit])?.pop().map(|unit| unit.code.to_string()).unwrap_or_default())
    };
    Ok(match fault {
        Fault::Circle { units, day } => {
            let shown = units.iter().take(20).map(|unit| code(*unit)).collect::<Result<Vec<_>>>()?;
            Problem::conflict("unit.circle").with("units", shown.join(" → ")).with("day", day)
        }
        Fault::ParentClosed { unit, parent, day } => {
            let (unit, parent) = (code(unit)?, code(parent)?);
            Problem::conflict("unit.parent_closed").with("unit", unit).with("parent", parent).with("day", day)
        }
        Fault::TooDeep { unit } => {
            Problem::conflict("unit.too_deep").with("unit", code(unit)?).with("limit", DEPTH_MAX)
        }
    })
}

/// Units compared at a time.
const PAGE: i64 = 500;

/// What a drawing of the whole projection came to.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, Serialize)]
pub struct Redrawn {
    /// Units looked at.
    pub units: u64,
    /// Of them, those whose rows were not what the facts say.
    pub differed: u64,
    /// Rows of units or classes that there are not.
    pub strays: u64,
}

/// Compares every unit's rows of the projection with what its facts and the rows of the units above it say; unless it
/// only checks, puts them right. Some hundred units a transaction; blocks. `on` hears how many units were looked at.
pub fn standings_redraw(db: &Db, now_ms: i64, check: bool, on: &mut dyn FnMut(u64)) -> Result<Redrawn, Fail> {
    let mut redrawn = Redrawn {
        strays: match check {
            true => db.read_blocking("standings.strays", |rx| strays::standing_strays(rx))?,
            false => db.write_blocking("standings.strays", now_ms, |tx| {
                store::tree_lock(tx)?;
                tx.barrier()?;
                strays::strays_drop(tx)
            })?,
        },
        ..Redrawn::default()
    };
    // What stands below a row that was wrong is right only when drawn once more.
    for pass in 0..=DEPTH_MAX {
        let (mut after, mut differed) = (0, 0);
        while let Some((last, units, wrong)) =
            db.read_blocking("standings.page", move |rx| looked(rx, after))?
        {
            if wrong > 0 && !check {
                db.write_blocking("standings.redraw", now_ms, move |tx| page_redraw(tx, after))?;
            }
            redrawn.units += if pass == 0 { units } else { 0 };
            differed += wrong;
            after = last;
            on(redrawn.units);
        }
        redrawn.differed = redrawn.differed.max(differed);
        if check || differed == 0 {
            break;
        }
    }
    Ok(redrawn)
}

/// The last unit of a page, how many there are, and how many of them stand otherwise than they should.
fn looked(rows: &mut impl Rows, after: i64) -> Result<Option<(i64, u64, u64)>> {
    let page = store::units_after(rows, after, PAGE)?;
    let Some(last) = page.last().map(|unit| unit.id) else { return Ok(None) };
    let wrong = page_compared(rows, &page)?.0.len() as u64;
    Ok(Some((last, page.len() as u64, wrong)))
}

fn page_redraw(tx: &mut Tx<'_>, after: i64) -> Result<()> {
    store::tree_lock(tx)?;
    let page = store::units_after(tx, after, PAGE)?;
    let (wrong, came) = page_compared(tx, &page)?;
    let units: Vec<i64> = wrong.iter().copied().collect();
    let came: Vec<Standing> = came.into_iter().filter(|row| wrong.contains(&row.unit)).collect();
    drawing::standings_end(tx, &units, ALWAYS)?;
    drawing::standings_add(tx, &came)?;
    let classes: Vec<i64> = store::classes(tx)?.into_iter().map(|class| class.id).collect();
    let members: Vec<drawing::Member> = members(&came).into_iter().collect();
    drawing::members_replace(tx, &units, &classes, ALWAYS, &members)?;
    tx.barrier().map(drop)
}

const ALWAYS: Day = Day::from_number(i32::MIN);

/// Units of a page whose rows are not what their facts and the rows above them say, and how all of the page should
/// stand. Where the facts are no tree, nothing is drawn and the units at fault are told.
pub(in crate::lines::org) fn page_compared(
    rows: &mut impl Rows,
    page: &[Identity],
) -> Result<(BTreeSet<i64>, Vec<Standing>)> {
    let units: Vec<i64> = page.iter().map(|unit| unit.id).collect();
    let subjects = subjects(rows, &units, ALWAYS)?;
    let above = above(rows, &subjects, ALWAYS)?;
    let came = match draw(&subjects, &above, ALWAYS) {
        Ok(came) => came,
        Err(Fault::Circle { units, .. }) => return Ok((units.into_iter().collect(), Vec::new())),
        Err(Fault::ParentClosed { unit, .. } | Fault::TooDeep { unit }) => {
            return Ok((BTreeSet::from([unit]), Vec::new()));
        }
    };
    let gone = joined(standing::standings_from(rows, &units, ALWAYS)?);
    let change = difference(gone, came.clone());
    let mut wrong: BTreeSet<i64> = change.gone.iter().chain(&change.came).map(|row| row.unit).collect();
    let classes: Vec<i64> = store::classes(rows)?.into_iter().map(|class| class.id).collect();
    let stored = members_joined(drawing::members_of(rows, &classes, &units)?);
    wrong.extend(stored.symmetric_difference(&members(&came)).map(|(_, unit, _, _)| *unit));
    Ok((wrong, came))
}
