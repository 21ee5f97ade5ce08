//! What became of a unit: its dated facts, what came before and after it, and who did what.

use super::Place;
use super::model::{DatedFacts, Standing, SuccessionKind};
use super::store::labels::{Label, labels_ever};
use super::store::{self, facts, standing};
use crate::lines::operation::Names;
use crate::{Ctx, Fail, Reach};
use muster_kernel::{Day, Locale, Problem};
use muster_store::{Link, Result, Rows, Stored, journal_read, journal_read_many};
use std::collections::{HashMap, HashSet};

/// Entries of the journal that are told.
const ENTRIES_MAX: usize = 200;
/// Entries that are looked at for them, the latest first: those of days on which the unit was others' are passed over.
const ENTRIES_READ_MAX: usize = 5_000;

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
    /// The days on which it opened (true) and closed, in order.
    pub turns: Vec<(Day, bool)>,
}

/// What units, places and classes that a history speaks of are called.
#[derive(Debug, Default)]
pub(super) struct HistoryNames {
    units: HashMap<String, Label>,
    places: HashMap<i64, Names>,
    classes: HashMap<String, Names>,
}

impl HistoryNames {
    /// Reads the names of all that a history speaks of.
    pub(super) fn of(rows: &mut impl Rows, history: &History) -> Result<Self> {
        let above = history.parents.iter().filter_map(|below| below.parent.clone());
        let codes: Vec<String> =
            above.chain(history.successions.iter().map(|one| one.code.clone())).collect();
        let units: Vec<i64> = store::units_by_code(rows, &codes)?.into_iter().map(|unit| unit.id).collect();
        let units = labels_ever(rows, &units)?.into_values();
        let places = history.facts.iter().filter_map(|row| row.facts.place.map(Place::number));
        let classes = store::classes(rows)?.into_iter();
        Ok(Self {
            units: units.map(|label| (label.code.clone(), label)).collect(),
            places: store::place_names(rows, &places.collect::<Vec<_>>())?,
            classes: classes.map(|class| (class.code, class.names)).collect(),
        })
    }
    /// The name of a unit on a day.
    pub(super) fn unit(&self, code: &str, on: Day, locale: Locale) -> Option<String> {
        self.units.get(code).map(|label| label.on(on).of(locale).to_owned())
    }
    /// The name of a place.
    pub(super) fn place(&self, place: Place, locale: Locale) -> Option<String> {
        self.places.get(&place.number()).map(|names| names.of(locale).to_owned())
    }
    /// The name of a class.
    pub(super) fn class(&self, code: &str, locale: Locale) -> Option<String> {
        self.classes.get(code).map(|names| names.of(locale).to_owned()).filter(|name| !name.is_empty())
    }
}

/// The history of the unit of a code, whether it is open or not.
pub fn unit_history(rows: &mut impl Rows, code: &str) -> Result<Option<History>> {
    let unit = store::units_by_code(rows, &[code.to_owned()])?.pop();
    unit.map(|unit| history_of(rows, &unit, |_| true)).transpose()
}

/// The history of a unit, and its latest entries among those that are to be told.
fn history_of(
    rows: &mut impl Rows,
    unit: &store::Identity,
    is_told: impl Fn(&Stored) -> bool,
) -> Result<History> {
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
    for _ in 0..ENTRIES_READ_MAX {
        let Some(at) = link.filter(|_| entries.len() < ENTRIES_MAX) else { break };
        let Some(entry) = journal_read(rows, at)? else { break };
        // A unit that came with an import shares its entry; what came before that import is not its own.
        let own = entry.subject == format!("unit:{}", unit.id);
        link = entry.prev.filter(|_| own);
        if is_told(&entry) {
            entries.push(entry);
        }
    }
    let mut turns = Vec::new();
    let mut open_until = None;
    for edge in &edges {
        if open_until != Some(edge.since) {
            turns.extend(open_until.map(|closed| (closed, false)));
            turns.push((edge.since, true));
        }
        open_until = Some(edge.until);
    }
    turns.extend(open_until.filter(|until| *until != Day::OPEN_END).map(|closed| (closed, false)));
    Ok(History {
        unit: unit.id,
        parents: edges
            .iter()
            .map(|edge| Below { since: edge.since, until: edge.until, parent: code_of(edge.parent) })
            .collect(),
        facts: facts::facts_of(rows, &[unit.id], always)?.into_iter().map(|(_, facts)| facts).collect(),
        successions: successions.iter().filter_map(relative).collect(),
        entries,
        turns,
    })
}

/// The history of a unit that is, or once was, within the actor's reach: of the days on which it is or was. What came before
/// them, between and after is told by whose unit it was then.
pub fn unit_history_within(rows: &mut impl Rows, ctx: &Ctx, code: &str) -> Result<History, Fail> {
    let unknown = || Problem::not_found("unit.unknown").with("unit", code);
    let unit = store::units_by_code(rows, &[code.to_owned()])?.pop().ok_or_else(unknown)?;
    if ctx.reach == Reach::All {
        return Ok(history_of(rows, &unit, |_| true)?);
    }
    let always = Day::from_number(i32::MIN);
    let own = own_days(&standing::standings_from(rows, &[unit.id], always)?, &ctx.reach);
    if own.is_empty() {
        return Err(unknown().into());
    }
    let is_own = |day: Day| own.iter().any(|(since, until)| *since <= day && day < *until);
    let mut history = history_of(rows, &unit, |entry| is_own(Day::of_instant(entry.at, &ctx.zone)))?;
    history.trim(&own, is_own);
    // One that came before or after may stand elsewhere: then it is not named.
    let codes: Vec<String> = history.successions.iter().map(|relative| relative.code.clone()).collect();
    let others: HashMap<i64, String> = store::units_by_code(rows, &codes)?
        .into_iter()
        .map(|unit| (unit.id, unit.code.to_string()))
        .collect();
    let stood = standing::standings_from(rows, &others.keys().copied().collect::<Vec<_>>(), always)?;
    history.successions.retain(|relative| {
        // What came before stood until that day, what came after from then on.
        let at = |standing: &Standing| standing.since <= relative.day && relative.day <= standing.until;
        let its = stood.iter().filter(|standing| others.get(&standing.unit) == Some(&relative.code));
        its.into_iter().any(|standing| at(standing) && ctx.reach.covers(&standing.chain))
    });
    Ok(history)
}

/// For each of some units the days on which it lies within all of some parts of the tree, in order. One question however
/// many units; one that there is not is left out.
pub fn units_own_days(
    rows: &mut impl Rows,
    reaches: &[Reach],
    units: &[i64],
) -> Result<HashMap<i64, Vec<(Day, Day)>>> {
    let mut ever: HashMap<i64, Vec<Standing>> = HashMap::with_capacity(units.len());
    for standing in standing::standings_from(rows, units, Day::from_number(i32::MIN))? {
        ever.entry(standing.unit).or_default().push(standing);
    }
    let within = |stood: &Vec<Standing>| {
        let all = vec![(Day::from_number(i32::MIN), Day::OPEN_END)];
        reaches.iter().map(|reach| own_days(stood, reach)).fold(all, |so_far, own| both(&so_far, &own))
    };
    Ok(ever.iter().map(|(unit, stood)| (*unit, within(stood))).collect())
}

/// The days that are in both of two lists of stretches.
fn both(a: &[(Day, Day)], b: &[(Day, Day)]) -> Vec<(Day, Day)> {
    let cut =
        |&(since, until): &(Day, Day)| b.iter().map(move |other| (since.max(other.0), until.min(other.1)));
    a.iter().flat_map(cut).filter(|(since, until)| since < until).collect()
}

/// A unit by its code, and its last entry in the journal; the entries before it are a walk along their links.
pub fn unit_entry_last(rows: &mut impl Rows, code: &str) -> Result<Option<(i64, Option<Link>)>> {
    Ok(store::units_by_code(rows, &[code.to_owned()])?.pop().map(|unit| (unit.id, unit.last)))
}

/// Stretches of days on which a unit is within reach, in order. Days before it opened go with its first, days on which it is
/// closed with those before: what is done to it then is the business of the same part of the tree.
fn own_days(ever: &[Standing], reach: &Reach) -> Vec<(Day, Day)> {
    let mut ever: Vec<&Standing> = ever.iter().collect();
    ever.sort_by_key(|standing| standing.since);
    let mut own: Vec<(Day, Day)> = Vec::new();
    for (at, standing) in ever.iter().enumerate() {
        if !reach.covers(&standing.chain) {
            continue;
        }
        let since = if at == 0 { Day::from_number(i32::MIN) } else { standing.since };
        let until = ever.get(at + 1).map_or(Day::OPEN_END, |next| next.since);
        match own.last_mut().filter(|last| last.1 == since) {
            Some(last) => last.1 = until,
            None => own.push((since, until)),
        }
    }
    own
}

impl History {
    /// Leaves of it what was so on some days.
    fn trim(&mut self, own: &[(Day, Day)], is_own: impl Fn(Day) -> bool) {
        // A row that holds in several stretches is told in each.
        let cut = |since: Day, until: Day| {
            let parts = own.iter().map(move |stretch| (stretch.0.max(since), stretch.1.min(until)));
            parts.filter(|(since, until)| since < until).collect::<Vec<_>>()
        };
        let parents = std::mem::take(&mut self.parents).into_iter().flat_map(|below| {
            let parts = cut(below.since, below.until).into_iter();
            parts.map(move |(since, until)| Below { since, until, parent: below.parent.clone() })
        });
        self.parents = parents.collect();
        let facts = std::mem::take(&mut self.facts).into_iter().flat_map(|row| {
            let parts = cut(row.since, row.until).into_iter();
            parts.map(move |(since, until)| DatedFacts { since, until, facts: row.facts.clone() })
        });
        self.facts = facts.collect();
        self.turns.retain(|(day, _)| is_own(*day));
        self.successions.retain(|relative| is_own(relative.day));
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
