//! New units: ids, ordinals, rows. One or a million, the same path.

use super::redraw::Touched;
use crate::lines::operation::Names;
use crate::lines::org::check::NewUnit;
use crate::lines::org::model::Edge;
use crate::lines::org::read::{top_code, units_own};
use crate::lines::org::store::{self, Birth, facts};
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Finding, Problem};
use muster_store::{Link, Rows, Tx};
use std::collections::{BTreeSet, HashMap};

/// Units that are stored, and told of, at a time.
const CHUNK: usize = 2_000;

/// Adds units below units that are there or are added with them. `told` journals some of them and answers where each
/// is told of.
///
/// Surrogates are given in the order of the tree, so that what is below one unit lies side by side on disk.
pub(super) fn units_add(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    units: &[NewUnit],
    touched: &mut Touched,
    mut told: impl FnMut(&mut Tx<'_>, &[(i64, &NewUnit)]) -> Result<Vec<Link>, Fail>,
) -> Result<(), Fail> {
    if units.is_empty() {
        return Ok(());
    }
    let taken = store::units_by_code(tx, &units.iter().map(|unit| unit.code.clone()).collect::<Vec<_>>())?;
    if let Some(taken) = taken.first() {
        let finding = Finding::refuse("unit.code_taken").field("code").with("code", &*taken.code);
        return Err(Problem::conflict("unit.code_taken")
            .with("code", &*taken.code)
            .findings(vec![finding])
            .into());
    }
    let order = in_tree_order(units)?;
    let first_id = store::unit_ids(tx, units.len())?;
    let ids: HashMap<&str, i64> =
        order.iter().zip(first_id..).map(|(at, id)| (units[*at].code.as_str(), id)).collect();
    one_top(tx, ctx, units)?;
    let parents = parents(tx, ctx, units, &ids)?;

    let mut wanted: HashMap<i64, i64> = HashMap::new();
    let parent_of = |unit: &NewUnit| {
        unit.parent.as_ref().map_or(0, |code| {
            ids.get(code.as_str()).or_else(|| parents.get(code)).copied().unwrap_or_default()
        })
    };
    for unit in units {
        *wanted.entry(parent_of(unit)).or_default() += 1;
    }
    // The next free ordinal below each parent; below new units they start at 1.
    let mut next: HashMap<i64, i64> = HashMap::new();
    let mut known: Vec<_> = wanted.iter().filter(|(parent, _)| **parent < first_id).collect();
    known.sort_unstable();
    for (parent, count) in known {
        next.insert(*parent, store::ordinals(tx, *parent, *count)?);
    }
    classes_known(tx, units.iter().flat_map(|unit| &unit.facts.classes))?;

    let buckets = i64::from(tx.buckets());
    for chunk in order.chunks(CHUNK) {
        let chunk: Vec<(i64, &NewUnit)> =
            chunk.iter().map(|at| (ids[units[*at].code.as_str()], &units[*at])).collect();
        let links = told(tx, &chunk)?;
        let (mut births, mut edges) = (Vec::with_capacity(CHUNK), Vec::with_capacity(CHUNK));
        for ((id, unit), link) in chunk.iter().zip(links) {
            let (id, parent) = (*id, parent_of(unit));
            let ordinal = next.entry(parent).or_insert(1);
            edges.push(Edge { unit: id, since: unit.since, until: unit.until, parent, ordinal: *ordinal });
            *ordinal += 1;
            let next_ordinal = 1 + wanted.get(&id).copied().unwrap_or_default();
            births.push(Birth { id, bucket: 1 + id % buckets, code: &unit.code, next_ordinal, link });
            // Below another new unit it is drawn with that one.
            if parent < first_id {
                touched.deep.push(id);
            }
            touched.since(unit.since);
        }
        store::units_add(tx, &births)?;
        facts::edges_add(tx, &edges)?;
        facts::facts_add(tx, chunk.iter().map(|(id, unit)| (*id, unit.since, Day::OPEN_END, &unit.facts)))?;
    }
    Ok(())
}

/// Parents first, and each unit followed by all below it.
fn in_tree_order(units: &[NewUnit]) -> Result<Vec<usize>, Problem> {
    let mut below: HashMap<&str, Vec<usize>> = HashMap::new();
    let codes: HashMap<&str, usize> =
        units.iter().enumerate().map(|(at, unit)| (unit.code.as_str(), at)).collect();
    let mut open = Vec::new();
    for (at, unit) in units.iter().enumerate().rev() {
        match unit.parent.as_deref().filter(|parent| codes.contains_key(parent)) {
            Some(parent) => below.entry(parent).or_default().push(at),
            None => open.push(at),
        }
    }
    let mut order = Vec::with_capacity(units.len());
    while let Some(at) = open.pop() {
        order.push(at);
        open.extend(below.remove(units[at].code.as_str()).into_iter().flatten());
    }
    if order.len() < units.len() {
        let mut left: Vec<&str> = below.values().flatten().map(|at| units[*at].code.as_str()).collect();
        left.sort_unstable();
        return Err(
            Problem::conflict("unit.circle_of_new").with("units", left[..left.len().min(20)].join(", "))
        );
    }
    Ok(order)
}

/// A tree has one top: what stands beside it is in no sum, and on no page. Whoever has not the whole is not told which.
fn one_top(tx: &mut Tx<'_>, ctx: &Ctx, units: &[NewUnit]) -> Result<(), Fail> {
    let mut tops = units.iter().filter(|unit| unit.parent.is_none());
    let Some(first) = tops.next() else { return Ok(()) };
    let (second, top) = match (store::unit_count(tx)? > 0, tops.next()) {
        (true, _) => (first, top_code(tx)?),
        (false, Some(second)) => (second, first.code.clone()),
        (false, None) => return Ok(()),
    };
    let (problem, finding) = match ctx.reach {
        Reach::All => (
            Problem::invalid("unit.second_top").with("code", &second.code).with("top", &top),
            Finding::refuse("unit.second_top").with("code", &second.code).with("top", &top),
        ),
        Reach::Alone(_) | Reach::Under(_) => {
            (Problem::invalid("unit.parent_missing"), Finding::refuse("unit.parent_missing"))
        }
    };
    Err(problem.findings(vec![finding.field("parent")]).into())
}

/// Surrogates of parents that are there already, within the actor's reach and open on the first day.
fn parents(
    tx: &mut Tx<'_>,
    ctx: &Ctx,
    units: &[NewUnit],
    new: &HashMap<&str, i64>,
) -> Result<HashMap<String, i64>, Fail> {
    let outside =
        units.iter().filter_map(|unit| unit.parent.as_ref()).filter(|code| !new.contains_key(code.as_str()));
    let codes: Vec<String> = outside.collect::<BTreeSet<_>>().into_iter().cloned().collect();
    let found = store::units_by_code(tx, &codes)?;
    let mut known: HashMap<String, i64> = found.iter().map(|unit| (unit.code.to_string(), unit.id)).collect();
    if ctx.reach != Reach::All {
        let ids: Vec<i64> = known.values().copied().collect();
        let since = units.iter().map(|unit| unit.since).min().unwrap_or_else(|| ctx.today());
        let own = units_own(tx, &ctx.reach, &ids, since)?;
        known.retain(|_, id| own.contains(id));
    }
    let missing = codes.iter().filter(|code| !known.contains_key(*code));
    let missing =
        missing.map(|code| Finding::refuse("unit.parent_unknown").field("parent").with("parent", code));
    let missing: Vec<Finding> = missing.take(1000).collect();
    match missing.first() {
        Some(first) => {
            let parent = first.args.get("parent").cloned().unwrap_or_default();
            Err(Problem::invalid("unit.parent_unknown").with("parent", parent).findings(missing).into())
        }
        None => Ok(known),
    }
}

/// Sees to it that classes have a surrogate.
pub(super) fn classes_known<'a>(
    tx: &mut Tx<'_>,
    codes: impl Iterator<Item = &'a String>,
) -> Result<(), Fail> {
    let mut codes: BTreeSet<&String> = codes.collect();
    if codes.is_empty() {
        return Ok(());
    }
    let known = store::classes(tx)?;
    for class in &known {
        codes.remove(&class.code);
    }
    let new: Vec<_> = codes.into_iter().map(|code| (code.clone(), Names::default())).collect();
    Ok(store::classes_set(tx, &new)?)
}
