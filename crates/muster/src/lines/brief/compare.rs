//! A frozen brief beside the same figures made again: what differs, and which sheets changed since. The frozen page
//! stays as it is; this tells why today's answer is another.

use super::facts;
use super::figures::scaled;
use super::make::{document, lang};
use super::model::{Facts, Frozen};
use super::verbs::{is_intact, with_making};
use super::{origins, store};
use crate::lines::org::{self, TreeEntry};
use crate::lines::reporting::{self, ActKind, Book, BookShelf, Origin, Scope, ValueType, Values};
use crate::{Ctx, Fail};
use muster_kernel::{Day, Locale, Problem};
use muster_print::{BriefDoc, Group, Rates, labels};
use muster_store::{Link, Rows, StoreError, Stored, journal_read_many};
use serde_json::Value;
use std::collections::{BTreeMap, BTreeSet, HashMap};

/// Changed sheets that one answer tells.
const CAUSES_MAX: usize = 500;
/// Changes of the tree that one answer tells.
pub const TREE_MAX: usize = 50;
/// Clocks of several nodes may differ by so much; what is cut off is told by the lanes' heads, not by a clock.
const SKEW_MS: i64 = 60_000;
/// Units that one read asks for.
const UNITS_AT_ONCE: usize = 500;

/// A frozen brief beside the same figures made again.
#[derive(Clone, Debug)]
pub struct Comparison {
    /// What was frozen.
    pub frozen: Frozen,
    /// Whether what is kept is still what was frozen: documents and origins match the digest.
    pub intact: bool,
    /// Figures that are another now.
    pub differences: Vec<Difference>,
    /// Sheets that changed since, in the order of their units.
    pub causes: Vec<Cause>,
    /// Whether more sheets changed than are told.
    pub more: bool,
    /// Changes of the tree since that reach the day, the earliest first, at most [`TREE_MAX`].
    pub tree: Vec<TreeCause>,
    /// Whether there are more of them than are told.
    pub tree_more: bool,
}

/// A change of the tree that came after freezing and reaches the day: by it a figure may be another without a sheet having
/// changed.
#[derive(Clone, Debug)]
pub struct TreeCause {
    /// The first day on which something stands otherwise.
    pub since: Day,
    /// When it was said, milliseconds UTC.
    pub at_ms: i64,
    /// Who said it.
    pub actor: String,
    /// What was done, as the journal calls it, such as `unit.move`.
    pub action: String,
    /// Code and name of the unit; none where one entry tells of many (a file).
    pub unit: Option<(String, String)>,
    /// Code of the unit that it was put below, or became part of.
    pub to: Option<String>,
}

/// A part of the brief.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Part {
    /// How many were to report, and how many did.
    Rates,
    /// The total of an element.
    Totals,
    /// A figure of a group.
    Groups,
}

/// A figure that is another now.
#[derive(Clone, Debug, PartialEq)]
pub struct Difference {
    /// Where it stands.
    pub part: Part,
    /// What it counts.
    pub name: String,
    /// The group, for a figure of a group.
    pub unit: Option<String>,
    /// What was frozen; none when nobody had said it.
    pub frozen: Option<f64>,
    /// What it is now.
    pub now: Option<f64>,
    /// Places in [`Comparison::causes`] of the sheets that changed it. None of them: the tree changed, see
    /// [`Comparison::tree`].
    pub causes: Vec<usize>,
}

/// A sheet that changed since.
#[derive(Clone, Debug)]
pub struct Cause {
    /// The unit.
    pub unit: i64,
    /// Its code.
    pub code: String,
    /// Its name.
    pub name: String,
    /// The unit right below the top in whose part it lies; the top itself for its own sheet.
    pub group: Option<i64>,
    /// About what the sheet speaks.
    pub scope: Scope,
    /// The revision that was frozen; none where there was no report.
    pub before: Option<Origin>,
    /// The revision now; none where the unit is no longer in the figures.
    pub now: Option<Origin>,
    /// When it changed, milliseconds UTC.
    pub at_ms: Option<i64>,
    /// What changed: number of the element, its name, before, after.
    pub changes: Vec<(i64, String, Option<f64>, Option<f64>)>,
    /// The report that was frozen, and the one now: none where there was none.
    pub acts: [Option<Act>; 2],
}

/// What of a report is counted.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Act {
    /// Whether it is a zero.
    pub zero: bool,
    /// Whether its first report came by the cut-off.
    pub on_time: bool,
}

impl Cause {
    /// Whether one of the counts is another by it. How many are expected follows the tree, never a report.
    fn moves(&self, count: &str) -> bool {
        let [before, now] = self.acts;
        let of = |act: Option<Act>| match count {
            "group.expected" => false,
            "group.on_time" => act.is_some_and(|act| act.on_time),
            "group.zero" => act.is_some_and(|act| act.zero),
            _ => act.is_some(),
        };
        of(before) != of(now)
    }
}

/// Compares a frozen brief with the figures as this snapshot has them, in a reader's language.
pub fn compare(
    rows: &mut impl Rows,
    ctx: &Ctx,
    shelf: &BookShelf,
    form: Option<&str>,
    day: Day,
    locale: Locale,
) -> Result<Comparison, Fail> {
    with_making(rows, ctx, shelf, form, day, None, |rows, making, key| {
        let top = making.top(rows)?;
        let not_frozen = || Problem::conflict("brief.not_frozen").with("day", day);
        let frozen = store::frozen(rows, &key)?.ok_or_else(not_frozen)?;
        let body = store::document(rows, &key, locale.tag())?;
        let corrupt = || StoreError::Corrupt("the document of a brief".to_owned());
        let then = BriefDoc::from_json(body.ok_or_else(corrupt)?.as_bytes()).map_err(|_| corrupt())?;
        let now_origins = facts::origins(rows, making, day)?;
        let mut changed = changed(&origins::of_day(rows, &key)?, &now_origins);
        let more = changed.len() > CAUSES_MAX;
        changed.truncate(CAUSES_MAX);
        let intact = is_intact(rows, &frozen)?;
        let now = facts::facts_of(rows, making, facts::lineage(&now_origins))?;
        let causes = causes(rows, making.book, key.form, &changed, top.unit, day, locale)?;
        let differences = differences(&then, &now, making.book, &causes, locale);
        let (tree, tree_more) = tree_since(rows, &frozen, day, locale)?;
        Ok(Comparison { frozen, intact, differences, causes, more, tree, tree_more })
    })
}

type Pair = (Option<Origin>, Option<Origin>);

/// Sheets whose revision is another, in the order of their units.
fn changed(then: &[Origin], now: &[Origin]) -> Vec<Pair> {
    let mut pairs: BTreeMap<(i64, Scope), Pair> = BTreeMap::new();
    for origin in then {
        pairs.entry((origin.unit, origin.scope)).or_default().0 = Some(*origin);
    }
    for origin in now {
        pairs.entry((origin.unit, origin.scope)).or_default().1 = Some(*origin);
    }
    pairs.into_values().filter(|(then, now)| then != now).collect()
}

fn causes(
    rows: &mut impl Rows,
    book: &Book,
    form: i64,
    changed: &[Pair],
    top: i64,
    day: Day,
    locale: Locale,
) -> Result<Vec<Cause>, Fail> {
    let units: BTreeSet<i64> = changed.iter().filter_map(|(then, now)| Some(then.or(*now)?.unit)).collect();
    let units: Vec<i64> = units.into_iter().collect();
    let (mut labels, mut groups) = (HashMap::new(), HashMap::new());
    for units in units.chunks(UNITS_AT_ONCE) {
        labels.extend(org::labels(rows, units, day)?);
        for standing in org::standings_on(rows, units, day)? {
            let at = standing.chain.iter().position(|unit| *unit == top);
            // The top's own sheet lies in none: it has a row of its own.
            let group = at.and_then(|at| standing.chain.get(at + 1).or_else(|| standing.chain.get(at)));
            groups.insert(standing.unit, group.copied());
        }
    }
    let mut causes = Vec::with_capacity(changed.len());
    for &(then, now) in changed {
        let Some(origin) = then.or(now) else { continue };
        let before = written(rows, book, then)?;
        let after = written(rows, book, now)?;
        let act = |sheet: &Option<reporting::Written>| {
            let act = sheet.as_ref()?.acts.iter().find(|act| act.form == form)?;
            Some(Act { zero: act.kind == ActKind::Zero, on_time: act.on_time })
        };
        let none = Values::new();
        let values =
            |sheet: &Option<reporting::Written>| sheet.as_ref().map_or(none.clone(), |s| s.values.clone());
        let (code, names) = labels.get(&origin.unit).cloned().unwrap_or_default();
        causes.push(Cause {
            unit: origin.unit,
            code,
            name: names.of(locale).to_owned(),
            group: groups.get(&origin.unit).copied().flatten(),
            scope: origin.scope,
            before: then,
            now,
            at_ms: after.as_ref().map(|sheet| sheet.at_ms),
            changes: changes(book, &values(&before), &values(&after), locale),
            acts: [act(&before), act(&after)],
        });
    }
    Ok(causes)
}

/// What was said of the tree after the cut, as far as it reaches the day; and whether there is more of it.
fn tree_since(
    rows: &mut impl Rows,
    frozen: &Frozen,
    day: Day,
    locale: Locale,
) -> Result<(Vec<TreeCause>, bool), Fail> {
    let mut later = org::tree_entries_later(rows, frozen.at_ms - SKEW_MS, day, 2 * TREE_MAX)?;
    later.retain(|entry| !frozen.heads.hold(entry.link));
    let more = later.len() > TREE_MAX;
    later.truncate(TREE_MAX);
    let links: Vec<Link> = later.iter().map(|noted| noted.link).collect();
    let mut entries = journal_read_many(rows, &links)?;
    let corrupt = || StoreError::Corrupt("a change of the tree that no entry tells".to_owned());
    let entry = |noted: TreeEntry| Ok((noted, entries.remove(&noted.link).ok_or_else(corrupt)?));
    let told = later.into_iter().map(entry).collect::<Result<Vec<_>, StoreError>>()?;
    let unit = |entry: &Stored| entry.subject.strip_prefix("unit:")?.parse::<i64>().ok();
    let units: Vec<i64> = told.iter().filter_map(|(_, entry)| unit(entry)).collect();
    let labels = org::labels(rows, &units, day)?;
    let cause = |(noted, entry): (TreeEntry, Stored)| {
        let body: Value = serde_json::from_slice(&entry.body).unwrap_or_default();
        let label = unit(&entry).and_then(|unit| labels.get(&unit));
        TreeCause {
            since: noted.since,
            at_ms: noted.at_ms,
            unit: label.map(|(code, names)| (code.clone(), names.of(locale).to_owned())),
            to: body["parent"].as_str().or(body["into"].as_str()).map(str::to_owned),
            actor: entry.actor,
            action: entry.action,
        }
    };
    Ok((told.into_iter().map(cause).collect(), more))
}

fn written(
    rows: &mut impl Rows,
    book: &Book,
    origin: Option<Origin>,
) -> Result<Option<reporting::Written>, StoreError> {
    match origin {
        Some(origin) => reporting::written(rows, book, origin.link),
        None => Ok(None),
    }
}

fn changes(
    book: &Book,
    before: &Values,
    after: &Values,
    locale: Locale,
) -> Vec<(i64, String, Option<f64>, Option<f64>)> {
    let elements: BTreeSet<i64> = before.keys().chain(after.keys()).copied().collect();
    let changed = elements.into_iter().filter(|id| before.get(id) != after.get(id));
    let told = changed.filter_map(|id| {
        let element = book.element(id)?;
        let number = |values: &Values| values.get(&id).map(|&number| scaled(number, element.scale()));
        Some((id, element.names.of(locale).to_owned(), number(before), number(after)))
    });
    told.collect()
}

/// Figures that are another now, each with the sheets that changed it.
fn differences(
    then: &BriefDoc,
    now: &Facts,
    book: &Book,
    causes: &[Cause],
    locale: Locale,
) -> Vec<Difference> {
    let made = document(now, locale);
    let by_element = |figure: Option<&super::model::Figure>, group: Option<i64>| -> Vec<usize> {
        let Some(element) = figure.and_then(|figure| book.element(figure.element)) else { return Vec::new() };
        let mut elements = vec![element.id];
        if let ValueType::Rate { numerator, denominator } = &element.value_type {
            elements.extend(
                [numerator, denominator].into_iter().filter_map(|code| Some(book.element_by_code(code)?.id)),
            );
        }
        places(causes, group, |cause| cause.changes.iter().any(|change| elements.contains(&change.0)))
    };
    // An element or a group may have another name since; its code stays.
    let at = |name: &str| {
        let row = then.totals.iter().find(|row| row.name == name)?;
        made.totals.iter().position(|other| other.code == row.code)
    };
    let by_count = |key: &str, group: Option<i64>| places(causes, group, |cause| cause.moves(key));
    let mut all = Vec::new();
    for (key, frozen, count) in
        counts(&then.rates).into_iter().zip(counts(&made.rates)).map(|((key, a), (_, b))| (key, a, b))
    {
        all.push(difference(
            Part::Rates,
            word(key, locale),
            None,
            (Some(frozen), Some(count)),
            by_count(key, None),
        ));
    }
    for row in &then.totals {
        let place = at(&row.name);
        let value = place.and_then(|place| made.totals[place].value);
        let figure = place.map(|place| &now.figures[place]);
        all.push(difference(
            Part::Totals,
            row.name.clone(),
            None,
            (row.value, value),
            by_element(figure, None),
        ));
    }
    for group in &then.groups {
        let place = made.groups.iter().position(|other| other.code == group.code);
        let unit = place.map(|place| now.groups.items[place].unit);
        let other = place.map(|place| &made.groups[place]);
        let name = Some(group.name.clone());
        for (at, (key, frozen)) in group_counts(group).into_iter().enumerate() {
            let count = other.map(|other| group_counts(other)[at].1);
            all.push(difference(
                Part::Groups,
                word(key, locale),
                name.clone(),
                (Some(frozen), count),
                by_count(key, unit),
            ));
        }
        for value in &group.values {
            let place = at(&value.name);
            let name_now = place.map(|place| &made.totals[place].name);
            let same = other.and_then(|other| other.values.iter().find(|one| Some(&one.name) == name_now));
            let figure = place.map(|place| &now.figures[place]);
            let values = (value.value, same.and_then(|same| same.value));
            all.push(difference(
                Part::Groups,
                value.name.clone(),
                name.clone(),
                values,
                by_element(figure, unit),
            ));
        }
    }
    all.retain(|difference| difference.frozen != difference.now);
    all
}

fn difference(
    part: Part,
    name: String,
    unit: Option<String>,
    (frozen, now): (Option<f64>, Option<f64>),
    causes: Vec<usize>,
) -> Difference {
    Difference { part, name, unit, frozen, now, causes }
}

fn places(causes: &[Cause], group: Option<i64>, touches: impl Fn(&Cause) -> bool) -> Vec<usize> {
    let in_group = |cause: &Cause| group.is_none() || cause.group == group;
    let found = causes.iter().enumerate().filter(|(_, cause)| in_group(cause) && touches(cause));
    found.map(|(place, _)| place).collect()
}

/// The word that the paper of a frozen day uses.
fn word(key: &str, locale: Locale) -> String {
    labels::of_day(lang(locale), key, true).unwrap_or(key).to_owned()
}

fn counts(rates: &Rates) -> [(&'static str, f64); 5] {
    let Rates { expected, actual, actual_on_time, zero, missing, .. } = rates;
    named([*expected, *actual, *actual_on_time, *zero, *missing])
}

fn group_counts(group: &Group) -> [(&'static str, f64); 5] {
    named([group.expected, group.actual, group.on_time, group.zero, group.missing])
}

fn named(counts: [i64; 5]) -> [(&'static str, f64); 5] {
    let keys = ["group.expected", "group.actual", "group.on_time", "group.zero", "group.missing"];
    std::array::from_fn(|at| (keys[at], counts[at] as f64))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_changed_report_moves_what_it_is_counted_in() {
        let act = |zero, on_time| Some(Act { zero, on_time });
        let check = |acts, expected: &[&str]| {
            let cause = Cause {
                unit: 1,
                code: String::new(),
                name: String::new(),
                group: None,
                scope: Scope::Alone,
                before: None,
                now: None,
                at_ms: None,
                changes: Vec::new(),
                acts,
            };
            let moved = named([0; 5]).map(|(key, _)| key).into_iter().filter(|key| cause.moves(key));
            assert_eq!(moved.collect::<Vec<_>>(), expected, "{acts:?}");
        };
        check([None, act(false, false)], &["group.actual", "group.missing"]);
        check([None, act(true, false)], &["group.actual", "group.zero", "group.missing"]);
        check([act(true, true), act(false, true)], &["group.zero"]);
        check([act(false, false), act(false, true)], &["group.on_time"]);
        check([act(false, true), None], &["group.actual", "group.on_time", "group.missing"]);
        check([act(false, true); 2], &[]);
    }
}
