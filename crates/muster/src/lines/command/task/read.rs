//! What is asked of measures and tasks: whom one is handed out to, what is open below a unit, what waits for somebody, how far
//! a measure is.

use super::model::{Measure, State, Task};
use super::store::{self, Stand};
use crate::lines::org::{self, Place, Standing};
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Finding, Problem};
use muster_store::{Rows, StoreError};
use std::collections::{BTreeMap, HashMap};

/// Units that one act hands a measure out to.
pub(super) const UNITS_MAX: usize = 100_000;
/// Units read at a time.
const PAGE: u32 = 1_000;
/// Units of a part that is small enough to ask for the tasks of each.
const SMALL: i64 = 500;
/// Tasks that are looked at before a page ends, seen or not.
const LOOKED_MAX: usize = 5_000;
/// Tasks read at a time.
const READ: u32 = 500;

/// Which units of a node.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Which {
    /// Those right below it.
    Children,
    /// All below it.
    All,
}

/// Whom a measure is handed out to.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Scope {
    /// By hand: codes of units.
    Units(Vec<String>),
    /// By line, place or class: `unit:CODE`, `place:3401`, `class:CODE`, of it which, and of what kind (empty: any).
    Node(String, Which, String),
}

/// The units of a scope that lie in the actor's part and below whoever registered the measure, as they stand today; and what
/// is wrong with those that were named by hand, each at its row.
///
/// # Errors
/// `node.unknown`, `unit.unknown`; `task.units_many`.
pub(super) fn scope_units(
    rows: &mut impl Rows,
    ctx: &Ctx,
    measure: &Measure,
    scope: &Scope,
) -> Result<(Vec<Standing>, Vec<Finding>), Fail> {
    let within = |unit: &Standing| ctx.reach.covers(&unit.chain) && unit.chain.contains(&measure.unit);
    let mut findings = Vec::new();
    let mut units = match scope {
        Scope::Units(codes) if codes.len() > UNITS_MAX => return Err(many().into()),
        Scope::Units(codes) => {
            let asked: Vec<&str> = codes.iter().map(|code| code.trim()).collect();
            let found = org::standings_by_code(rows, &asked, ctx.today())?;
            let found: HashMap<String, Standing> =
                found.into_iter().map(|unit| (unit.code.to_string(), unit)).collect();
            let mut units = Vec::new();
            for (at, code) in asked.iter().enumerate() {
                match found.get(*code).filter(|unit| within(unit)) {
                    Some(unit) => units.push(unit.clone()),
                    None => {
                        let told: String = code.chars().take(64).collect();
                        findings.push(Finding::refuse("unit.unknown").row(at as u64 + 1).with("unit", told));
                    }
                }
            }
            units
        }
        Scope::Node(node, which, kind) => {
            let mut units = node_units(rows, ctx, node, *which)?;
            units.retain(|unit| within(unit) && (kind.is_empty() || &*unit.kind == kind));
            units
        }
    };
    units.sort_by_key(|unit| unit.unit);
    units.dedup_by_key(|unit| unit.unit);
    Ok((units, findings))
}

fn many() -> Problem {
    Problem::invalid("task.units_many").with("max", UNITS_MAX)
}

/// The units of a node today, of a unit without itself.
fn node_units(rows: &mut impl Rows, ctx: &Ctx, node: &str, which: Which) -> Result<Vec<Standing>, Fail> {
    let unknown =
        || Problem::not_found("node.unknown").with("node", node.chars().take(64).collect::<String>());
    let today = ctx.today();
    let mut units: Vec<Standing> = Vec::new();
    let (kind, code) = node.split_once(':').ok_or_else(unknown)?;
    let class = match kind {
        "class" => {
            Some(org::classes(rows)?.into_iter().find(|class| class.code == code).ok_or_else(unknown)?.id)
        }
        _ => None,
    };
    let place: Option<Place> = (kind == "place").then(|| code.parse().map_err(|_| unknown())).transpose()?;
    let top = match kind {
        "unit" => Some(org::unit_standing(rows, ctx, code, today)?),
        "place" | "class" => None,
        _ => return Err(unknown().into()),
    };
    loop {
        let last = units.last();
        let after = last.map_or("", |unit| &*unit.path);
        let page = match (&top, place, class) {
            (Some(top), ..) if which == Which::Children => {
                org::children_after(rows, top.unit, today, after, PAGE)?
            }
            (Some(top), ..) => {
                org::subtree_page(rows, top, today, if after.is_empty() { &top.path } else { after }, PAGE)?
            }
            (None, Some(place), _) => {
                let after = last.map_or((i64::MIN, i64::MIN), |unit| (unit.place, unit.unit));
                org::place_page(rows, place, today, after, PAGE)?
            }
            (None, None, class) => {
                let class = class.ok_or_else(unknown)?;
                org::class_page(rows, class, today, last.map_or(0, |unit| unit.unit), PAGE)?
            }
        };
        let is_last = page.len() < PAGE as usize;
        units.extend(page);
        if units.len() > UNITS_MAX {
            return Err(many().into());
        }
        if is_last {
            return Ok(units);
        }
    }
}

/// A date and an id: a place in a list of tasks.
pub type At = (i64, String);

/// Measures that offices of the actor's own part registered, the latest first, before a number; and where to go on.
pub(super) fn measures_seen(
    rows: &mut impl Rows,
    ctx: &Ctx,
    mut before: i64,
    limit: usize,
) -> Result<(Vec<Measure>, Option<i64>), StoreError> {
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let page = store::measures_before(rows, ctx.operation, before, READ)?;
        let is_last = page.len() < READ as usize;
        let chains = chains(rows, ctx, page.iter().map(|one| one.unit).collect())?;
        for one in page {
            if found.len() == limit || looked == LOOKED_MAX {
                return Ok((found, Some(before)));
            }
            looked += 1;
            before = one.n;
            if chains.get(&one.unit).map_or(ctx.reach == Reach::All, |chain| ctx.reach.covers(chain)) {
                found.push(one);
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
}

/// Open tasks of the actor's own part, or of what lies below a unit of it, the nearest date first, after a place; and where
/// to go on, if there is more to look at.
pub fn tasks_below(
    rows: &mut impl Rows,
    ctx: &Ctx,
    below: Option<&Standing>,
    mut from: At,
    limit: usize,
) -> Result<(Vec<Task>, Option<At>), StoreError> {
    let today = ctx.today();
    if let Some(top) = below
        && org::subtree_count(rows, top, today)? <= SMALL
    {
        let units = org::subtree_page(rows, top, today, "", SMALL as u32)?;
        let units: Vec<i64> = units.iter().map(|unit| unit.unit).collect();
        let found = store::tasks_of_units(rows, ctx.operation, &units, (from.0, &from.1), limit as u32 + 1)?;
        return Ok(cut(found, limit));
    }
    let (mut found, mut looked) = (Vec::new(), 0);
    loop {
        let page = store::tasks_open(rows, ctx.operation, (from.0, &from.1), READ)?;
        let is_last = page.len() < READ as usize;
        let units: Vec<i64> = page.iter().map(|one| one.unit).collect();
        let chains = chains(rows, ctx, units)?;
        for one in page {
            if found.len() == limit || looked == LOOKED_MAX {
                return Ok((found, Some(from)));
            }
            looked += 1;
            from = (one.due_ms, one.id.clone());
            let chain = chains.get(&one.unit);
            let is_below = below.is_none_or(|top| chain.is_some_and(|chain| chain.contains(&top.unit)));
            let is_seen = chain.map_or(ctx.reach == Reach::All, |chain| ctx.reach.covers(chain));
            if is_below && is_seen {
                found.push(one);
            }
        }
        if is_last {
            return Ok((found, None));
        }
    }
}

/// Units from the top down to each of some, as they stand today.
pub(super) fn chains(
    rows: &mut impl Rows,
    ctx: &Ctx,
    mut units: Vec<i64>,
) -> Result<HashMap<i64, std::sync::Arc<[i64]>>, StoreError> {
    units.sort_unstable();
    units.dedup();
    let found = org::standings_on(rows, &units, ctx.today())?;
    Ok(found.into_iter().map(|unit| (unit.unit, unit.chain)).collect())
}

fn cut(mut found: Vec<Task>, limit: usize) -> (Vec<Task>, Option<At>) {
    let more = found.len() > limit;
    found.truncate(limit);
    let next = found.last().filter(|_| more).map(|one| (one.due_ms, one.id.clone()));
    (found, next)
}

/// Why a task waits for somebody.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub enum Why {
    /// It is to be done at their unit.
    Do,
    /// It was reported, and a second person looks at it.
    Check,
    /// It was contested, and whoever set it decides.
    Decide,
}

/// Units at which somebody is, of each sort of thing that may wait there for them.
#[derive(Clone, Debug, Default)]
pub struct Waiting {
    /// Where they do tasks.
    pub does: Vec<i64>,
    /// Where they look at what was reported.
    pub checks: Vec<i64>,
    /// Where they hand out.
    pub decides: Vec<i64>,
}

/// A task that waits for somebody, and why.
pub type Waits = (Why, Task);

/// Tasks that wait for whoever is at some units, the nearest date first, after a place; and where to go on.
pub fn waiting(
    rows: &mut impl Rows,
    ctx: &Ctx,
    at: &Waiting,
    (due_ms, id): (i64, &str),
    limit: usize,
) -> Result<(Vec<Waits>, Option<At>), StoreError> {
    let (after, more) = ((due_ms, id), limit as u32 + 1);
    let mut all: Vec<Waits> = Vec::new();
    if !at.does.is_empty() {
        let found = store::tasks_to_do(rows, ctx.operation, &at.does, after, more)?;
        all.extend(found.into_iter().map(|one| (Why::Do, one)));
    }
    for (units, why, state) in
        [(&at.checks, Why::Check, State::Reported), (&at.decides, Why::Decide, State::Contested)]
    {
        if !units.is_empty() {
            let found = store::tasks_set_at(rows, ctx.operation, units, state, after, more)?;
            all.extend(found.into_iter().map(|one| (why, one)));
        }
    }
    all.sort_by(|(_, one), (_, other)| (one.due_ms, &one.id).cmp(&(other.due_ms, &other.id)));
    let more = all.len() > limit;
    all.truncate(limit);
    let next = all.last().filter(|_| more).map(|(_, one)| (one.due_ms, one.id.clone()));
    Ok((all, next))
}

/// How far a measure is: at one node.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Progress {
    /// Tasks in each state.
    pub counts: BTreeMap<State, i64>,
    /// Their weight in each state.
    pub weights: BTreeMap<State, i64>,
    /// Those that are behind their date.
    pub behind: i64,
}

impl Progress {
    fn add(&mut self, stand: &Stand) {
        *self.counts.entry(stand.state).or_default() += stand.count;
        *self.weights.entry(stand.state).or_default() += stand.weight;
        self.behind += stand.behind;
    }
    /// All tasks.
    pub fn all(&self) -> i64 {
        self.counts.values().sum()
    }
    /// The weight of those that were struck off, and of all.
    pub fn weighed(&self) -> (i64, i64) {
        (self.weights.get(&State::StruckOff).copied().unwrap_or(0), self.weights.values().sum())
    }
}

/// How far a measure is below a unit of the actor's part, by what lies right below that; what the unit has itself is counted
/// under its own number. Tasks of units that stand there no more today are not in it.
pub fn progress(
    rows: &mut impl Rows,
    ctx: &Ctx,
    measure: &Measure,
    top: &Standing,
) -> Result<BTreeMap<i64, Progress>, StoreError> {
    let depth = top.chain.len();
    let mut parts: BTreeMap<i64, Progress> = BTreeMap::new();
    let mut after = 0;
    loop {
        let mut page = store::stands(rows, ctx.operation, &measure.id, after, ctx.now_ms, PAGE)?;
        let is_last = page.len() < PAGE as usize;
        // The states of the last unit may go on beyond the page.
        if !is_last && let Some(last) = page.last().map(|one| one.unit) {
            page.retain(|one| one.unit != last);
        }
        let Some(last) = page.last().map(|one| one.unit) else { return Ok(parts) };
        after = last;
        let chains = chains(rows, ctx, page.iter().map(|one| one.unit).collect())?;
        for stand in &page {
            let Some(chain) = chains.get(&stand.unit).filter(|chain| chain.contains(&top.unit)) else {
                continue;
            };
            if ctx.reach.covers(chain) {
                parts.entry(chain.get(depth).copied().unwrap_or(top.unit)).or_default().add(stand);
            }
        }
        if is_last {
            return Ok(parts);
        }
    }
}
