//! What became of a unit: its dated facts, what came before and after it, and who did what.

use super::model::{DatedFacts, Standing, SuccessionKind};
use super::store::{self, facts, standing};
use crate::{Ctx, Fail, Reach};
use jiff::tz::TimeZone;
use muster_kernel::{Day, Problem};
use muster_store::{Result, Rows, Stored, journal_read, journal_read_many};
use std::collections::{HashMap, HashSet};

/// Entries of the journal that are told.
const ENTRIES_MAX: usize = 200;

/// A stretch of days below one parent.
#[derive(Clone, Debug)]
pub struct Below {
    /// First day.
    pub since: Day,
    /// First day on which it no longer holds.
    pub until: Day,
    /// Code of the unit above; `None` at the top.
    pub parent: Option<String>,
}

/// Another unit that came before or after.
#[derive(Clone, Debug)]
pub struct Relative {
    /// Its code.
    pub code: String,
    /// The first day after.
    pub day: Day,
    /// Merge or split.
    pub kind: SuccessionKind,
    /// Whether it came after this unit (otherwise before).
    pub after: bool,
}

/// What became of a unit.
#[derive(Clone, Debug)]
pub struct History {
    /// Surrogate.
    pub unit: i64,
    /// Its parents, by day.
    pub parents: Vec<Below>,
    /// Its facts, by day.
    pub facts: Vec<DatedFacts>,
    /// What came before and after.
    pub successions: Vec<Relative>,
    /// Entries of the journal, the latest first.
    pub entries: Vec<Stored>,
    /// The day on which it left the reader's part of the tree; nothing from then on is told.
    pub left: Option<Day>,
}

/// The history of the unit of a code, whether it is open or not.
pub fn unit_history(rows: &mut impl Rows, code: &str) -> Result<Option<History>> {
    let Some(unit) = store::units_by_code(rows, &[code.to_owned()])?.pop() else { return Ok(None) };
    let always = Day::from_number(i32::MIN);
    let edges = facts::edges_of(rows, &[unit.id], always)?;
    let successions = facts::successions_of(rows, unit.id)?;
    let others: Vec<i64> =
        edges.iter().map(|edge| edge.parent).chain(successions.iter().flat_map(|s| [s.from, s.to])).collect();
    let codes: HashMap<i64, String> =
        store::units_by_id(rows, &others)?.into_iter().map(|unit| (unit.id, unit.code.to_string())).collect();
    let code_of = |id: i64| codes.get(&id).cloned();
    let relative = |s: &super::model::Succession| {
        let after = s.from == unit.id;
        let code = code_of(if after { s.to } else { s.from })?;
        Some(Relative { code, day: s.day, kind: s.kind, after })
    };
    let mut entries = Vec::new();
    let mut link = unit.last;
    while let Some(at) = link.filter(|_| entries.len() < ENTRIES_MAX) {
        let Some(entry) = journal_read(rows, at)? else { break };
        // A unit that came with an import shares its entry; what came before that import is not its own.
        let own = entry.subject == format!("unit:{}", unit.id);
        link = entry.prev.filter(|_| own);
        entries.push(entry);
    }
    Ok(Some(History {
        unit: unit.id,
        parents: edges
            .iter()
            .map(|edge| Below { since: edge.since, until: edge.until, parent: code_of(edge.parent) })
            .collect(),
        facts: facts::facts_of(rows, &[unit.id], always)?.into_iter().map(|(_, facts)| facts).collect(),
        successions: successions.iter().filter_map(relative).collect(),
        entries,
        left: None,
    }))
}

/// The history of a unit that is, or once was, within the actor's reach; of one that left it, until then.
pub fn unit_history_within(rows: &mut impl Rows, ctx: &Ctx, code: &str) -> Result<History, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let history = unit_history(rows, code)?.ok_or_else(unknown)?;
    let ever = standing::standings_from(rows, &[history.unit], Day::from_number(i32::MIN))?;
    if ctx.reach == Reach::All {
        return Ok(history);
    }
    let own = ever.iter().filter(|standing| ctx.reach.covers(&standing.chain));
    let left = own.map(|standing| standing.until).max().ok_or_else(unknown)?;
    // One that ended within reach, or will leave it some day, is told to its end.
    let is_elsewhere = left <= ctx.today() && ever.iter().any(|standing| standing.since >= left);
    Ok(if is_elsewhere { history.until(left, &ctx.zone) } else { history })
}

impl History {
    /// What of it was so, and what was done, before a day: whose unit it has been since tells the rest.
    fn until(mut self, day: Day, zone: &TimeZone) -> Self {
        self.parents.retain(|below| below.since < day);
        self.facts.retain(|facts| facts.since < day);
        self.successions.retain(|relative| relative.day < day);
        self.entries.retain(|entry| Day::of_instant(entry.at, zone) < day);
        let until = self.parents.iter_mut().map(|below| &mut below.until);
        for until in until.chain(self.facts.iter_mut().map(|facts| &mut facts.until)) {
            *until = (*until).min(day);
        }
        self.left = Some(day);
        self
    }
}

/// How many entries later than an instant (milliseconds UTC) change how units stand on a day that are, or ever were, below a
/// unit. One that tells of many units at once, as of a file, counts where the unit is at the top of the tree.
pub fn tree_changes_below(
    rows: &mut impl Rows,
    node: &Standing,
    than_ms: i64,
    on: Day,
    limit: usize,
) -> Result<usize> {
    let later = store::told::tree_entries_later(rows, than_ms, on, limit)?;
    let links: Vec<_> = later.iter().map(|entry| entry.link).collect();
    let entries = journal_read_many(rows, &links)?;
    let subject = |entry: &Stored| entry.subject.strip_prefix("unit:").and_then(|unit| unit.parse().ok());
    let subjects: Vec<Option<i64>> = entries.values().map(subject).collect();
    let mut units: Vec<i64> = subjects.iter().flatten().copied().collect();
    units.sort_unstable();
    units.dedup();
    let ever = standing::standings_from(rows, &units, Day::from_number(i32::MIN))?;
    let below: HashSet<i64> =
        ever.iter().filter(|one| one.chain.contains(&node.unit)).map(|one| one.unit).collect();
    let is_below = |unit: &Option<i64>| unit.map_or(node.chain.len() == 1, |unit| below.contains(&unit));
    Ok(subjects.iter().filter(|unit| is_below(unit)).count())
}
